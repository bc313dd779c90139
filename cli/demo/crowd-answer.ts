import type { Rng } from '../../domain/rng.ts';
import type { KnownTruth } from './crowd-truth.ts';
import type { Persona } from './personas.ts';

export type CrowdTaskType = 'classification' | 'pairwise';

/** An item as it is shown to one persona. */
export interface CrowdItem {
  readonly taskType: CrowdTaskType;
  /** For pairs: `a` is the answer shown first. */
  readonly payload: unknown;
  /** The answers the form offers, in its order. */
  readonly choices: readonly string[];
  /** Undefined if the crowd does not know this item: then everybody guesses. */
  readonly truth: KnownTruth | undefined;
}

export interface CrowdAnswer {
  readonly label: string;
  readonly timeSpentS: number;
  /** 0 to 1, as the persona would state it. */
  readonly confidence: number;
  /** Whether the persona leaves without answering, and whether it comes back after the lease has expired. */
  readonly leaves: 'no' | 'for_good' | 'answers_late';
}

/** Personas' accuracies are meant for an item of this difficulty. */
const USUAL_DIFFICULTY = 0.3;
/** How much a difficulty of 1 instead of 0 lowers the log-odds of a right answer, for everybody alike. */
const DIFFICULTY_SLOPE = 3.2;
/** What knowing the field adds to the log-odds. */
const DOMAIN_BONUS = 0.5;
const TEMPTED = 0.75;
/** Time for a comparison in relation to an e-mail: the types' default times, 45 s and 15 s. */
const TIME_FACTOR: Record<CrowdTaskType, number> = { classification: 1, pairwise: 3 };

/** What one persona does with one item. Pure: `answered` (its answers so far) and `rng` decide everything else. */
export function answerOf({
  persona,
  item,
  answered,
  rng,
}: {
  persona: Persona;
  item: CrowdItem;
  answered: number;
  rng: Rng;
}): CrowdAnswer {
  const bad = persona.turnsBadAfter !== undefined && answered >= persona.turnsBadAfter;
  const careless = bad || persona.kind === 'spammer' || persona.kind === 'constant';
  const leaves = rng.next() >= persona.walkAwayRate ? 'no' : rng.next() < 0.3 ? 'answers_late' : 'for_good';
  const accuracy = accuracyOf(persona, item);
  const { median, sigma } = persona.seconds;
  const reading = careless
    ? bad
      ? 0.3
      : 1
    : TIME_FACTOR[item.taskType] * (0.85 + 0.5 * (item.truth?.difficulty ?? 0));
  const seconds = median * reading * Math.exp(sigma * rng.normal());
  const confidence = careless ? 0.95 : accuracy + 0.06 * rng.normal();
  return {
    label: labelOf(persona, item, bad, accuracy, rng),
    timeSpentS: round(Math.min(900, Math.max(1, seconds)), 1),
    confidence: round(Math.min(0.99, Math.max(0.4, confidence)), 2),
    leaves,
  };
}

/** Chance of a right answer: the persona's own, shifted on the log-odds scale by difficulty and field. */
function accuracyOf(persona: Persona, { taskType, truth, choices }: CrowdItem): number {
  if (truth === undefined) return 1 / choices.length;
  const byClass = truth.label === 'spam' ? persona.sensitivity : persona.specificity;
  const usual = taskType === 'pairwise' ? persona.pairAccuracy : byClass;
  const bonus = truth.domain !== undefined && persona.specializations.includes(truth.domain) ? DOMAIN_BONUS : 0;
  const logOdds = Math.log(usual / (1 - usual)) + bonus - DIFFICULTY_SLOPE * (truth.difficulty - USUAL_DIFFICULTY);
  return 1 / (1 + Math.exp(-logOdds));
}

function labelOf(persona: Persona, item: CrowdItem, bad: boolean, accuracy: number, rng: Rng): string {
  const { choices, truth } = item;
  const first = choices[0] ?? '';
  const anyChoice = () => choices[rng.int(choices.length)] ?? first;
  if (persona.kind === 'constant') return first;
  if (bad || persona.kind === 'spammer') return anyChoice();
  if (item.taskType === 'pairwise') {
    if (rng.next() < persona.leftBias) return 'a';
    if (rng.next() < persona.longerBias) return longerSide(item.payload);
  }
  if (truth === undefined) return anyChoice();
  // A campaign without "both bad" makes people who would say it call the pair a tie.
  const right = choices.includes(truth.label) ? truth.label : 'tie';
  if (rng.next() < accuracy && choices.includes(right)) return right;
  const { temptation } = truth;
  if (temptation !== undefined && temptation !== right && choices.includes(temptation) && rng.next() < TEMPTED) {
    return temptation;
  }
  return wrongChoice(choices, right, rng);
}

/** One of the wrong answers; of a pair's answers a tie is likelier than the opposite, since it is the smaller error. */
function wrongChoice(choices: readonly string[], right: string, rng: Rng): string {
  const wrong = choices.filter((choice) => choice !== right);
  const weight = (choice: string) => (choice === 'tie' ? 2 : choice === 'both_bad' ? 0.6 : 1);
  let left = rng.next() * wrong.reduce((sum, choice) => sum + weight(choice), 0);
  for (const choice of wrong) {
    left -= weight(choice);
    if (left < 0) return choice;
  }
  return wrong.at(-1) ?? right;
}

function longerSide(payload: unknown): 'a' | 'b' {
  const { a, b } = payload as { a?: unknown; b?: unknown };
  return String(b ?? '').length > String(a ?? '').length ? 'b' : 'a';
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
