import type { Rng } from '../rng.ts';

/** What is taken for true of the tasks of one choice: how many there are, and how the crowd as a whole answers them. */
export interface ClassAssumptions {
  /** Of all tasks. */
  readonly share: number;
  /** Of single answers, how many are right. */
  readonly accuracy: number;
  /** By choice, of wrong answers: where they go. */
  readonly wrong: readonly number[];
}

/** Of a crowd, what says how its classes differ. */
interface Classed {
  readonly choices: number;
  readonly classes?: readonly ClassAssumptions[] | undefined;
}

interface Answers {
  readonly choices: number;
  /** By task; `truth` is the right choice, if known. */
  readonly tasks: readonly (readonly { readonly right: boolean; readonly choice: number; readonly truth?: number }[])[];
}

/** Answers to a class that what all have in common is worth: few of its own say little. */
const PRIOR_ANSWERS = 5;
const PRIOR_WRONG = 2;

/** By choice what is true how often, and taken for what; undefined where it is not known what is true of the tasks. */
export function estimateClasses({ tasks, choices }: Answers, accuracy: number): ClassAssumptions[] | undefined {
  if (tasks.length === 0 || tasks.some(([first]) => (first?.truth ?? -1) < 0)) return undefined;
  return Array.from({ length: choices }, (_, truth) => {
    const own = tasks.filter(([first]) => first?.truth === truth);
    const answers = own.flat();
    const right = answers.filter((each) => each.right).length;
    const others = choices - 1;
    const wrongly = answers.filter((each) => !each.right);
    return {
      share: (own.length + 1 / choices) / (tasks.length + 1),
      accuracy: (right + PRIOR_ANSWERS * accuracy) / (answers.length + PRIOR_ANSWERS),
      wrong: Array.from({ length: choices }, (_, choice) => {
        if (choice === truth) return 0;
        const given = wrongly.filter((each) => each.choice === choice).length;
        return (given + PRIOR_WRONG / others) / (wrongly.length + PRIOR_WRONG);
      }),
    };
  });
}

/** What is true of a task. */
export function drawTruth({ choices, classes }: Classed, rng: Rng): number {
  return classes
    ? drawn(
        classes.map(({ share }) => share),
        rng,
      )
    : rng.int(choices);
}

/** A wrong answer to a task of this class, which may be the one that it lures to. */
export function drawWrong(truth: number, { choices, classes }: Classed, rng: Rng): number {
  const { wrong } = classes?.[truth] ?? {};
  return wrong ? drawn(wrong, rng) : (truth + 1 + rng.int(choices - 1)) % choices;
}

/** How often two wrong answers to a task of this class would be the same, if nothing lured to it. */
export function sameByChance(
  truth: number | undefined,
  choices: number,
  classes: readonly ClassAssumptions[] | undefined,
) {
  const wrong = truth === undefined ? undefined : classes?.[truth]?.wrong;
  return wrong ? wrong.reduce((sum, share) => sum + share ** 2, 0) : 1 / (choices - 1);
}

function drawn(shares: readonly number[], rng: Rng): number {
  let left = rng.next() * shares.reduce((sum, share) => sum + share, 0);
  for (const [at, share] of shares.entries()) {
    left -= share;
    if (left < 0) return at;
  }
  return shares.findLastIndex((share) => share > 0);
}
