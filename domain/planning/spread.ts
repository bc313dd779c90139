import { logit, SPREAD } from './log-odds.ts';

/** How often two answers are right together beyond chance, by what they have in common. */
export interface Together {
  /** Given by one annotator, where the same is true of both tasks, and where it is not. */
  readonly same: number;
  readonly other: number;
  /** Given to one task. */
  readonly task: number;
}

/** More of what decides an answer is never taken to be in common: the rest is chance. */
const MOST_COMMON = 0.85;

/**
 * The spreads of skill, lean and ease that answers go by which are right together so often. The logistic is taken for the
 * normal distribution that is closest to it: two answers are then right together as two normal variables are both below a
 * bound, and by what part of their variance they have in common (the tetrachoric correlation of Pearson, 1900). Slopes at the
 * mean would find spreads too small where they are large.
 */
export function spreadsOf(accuracy: number, choices: number, { same, other, task }: Together) {
  const bound = logit(accuracy) * Math.sqrt(SPREAD);
  const [ofSame, ofOther, ease] = [same, other, task].map((covariance) => commonPart(bound, covariance)) as [
    number,
    number,
    number,
  ];
  // Leans of an annotator sum to zero over the choices: those towards two of them go against each other.
  const lean = Math.max(0, ofSame - ofOther) * (1 - 1 / choices);
  const parts = [Math.max(0, ofSame - lean), lean, Math.max(0, ease)] as const;
  const common = parts[0] + parts[1] + parts[2];
  const scale = common > MOST_COMMON ? MOST_COMMON / common : 1;
  const [skillSd, leanSd, easeSd] = parts.map((part) =>
    Math.min(3, Math.sqrt((part * scale) / (SPREAD * (1 - common * scale)))),
  ) as [number, number, number];
  return { skillSd, leanSd, easeSd };
}

const STEPS = 20;

/** The correlation at which two normal variables are both below `bound` so much more often than chance has it. */
function commonPart(bound: number, covariance: number): number {
  // The derivative by the correlation is the density of both at the bound (Plackett, 1954).
  const density = (r: number) => Math.exp(-(bound ** 2) / (1 + r)) / (2 * Math.PI * Math.sqrt(1 - r ** 2));
  const beyondChance = (correlation: number) => {
    const step = correlation / STEPS;
    let sum = 0;
    for (let at = 0; at < STEPS; at++) sum += density((at + 0.5) * step);
    return sum * step;
  };
  let [low, high] = [-0.95, 0.95];
  for (let turn = 0; turn < 30; turn++) {
    const middle = (low + high) / 2;
    if (beyondChance(middle) < covariance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
