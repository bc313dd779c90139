import { type AgreementWatch, DEFAULT_AGREEMENT_WATCH } from './agreement-watch.ts';

/** How the answers of a campaign agree, and what to do about it. */
export type Verdict = 'unknown' | 'ambiguous' | 'usable' | 'calibrated';

export interface Advice {
  readonly verdict: Verdict;
  /** Sentences, the most important first. */
  readonly advice: readonly string[];
}

/** One pair of labels that causes this share of all disagreement is worth a word, if it stands out from the next one. */
const MUCH = 0.3;
const STANDS_OUT = 1.25;
/** Below this many tasks with two answers a coefficient says little. */
const LEAST_TASKS = 30;

/**
 * What agreement means for whoever runs a campaign. Below 0.6 the instructions are the first suspect; above 0.8 annotators
 * are calibrated and fewer of them may do: the limits are those of the campaign's watch. Says nothing before 30 tasks have
 * two answers.
 */
export function advise(
  given: {
    alpha: number | undefined;
    tasks: number;
    worst?: { labels: readonly [string, string]; share: number; nextShare: number } | undefined;
  },
  watch: Pick<AgreementWatch, 'pauseBelow' | 'calibratedAbove'> = DEFAULT_AGREEMENT_WATCH,
): Advice {
  const { pauseBelow } = watch;
  const calibratedAbove = Math.max(pauseBelow, watch.calibratedAbove ?? DEFAULT_AGREEMENT_WATCH.calibratedAbove);
  const { alpha, tasks, worst } = given;
  if (tasks < LEAST_TASKS) {
    return {
      verdict: 'unknown',
      advice: [`Only ${tasks} tasks have two answers or more; it takes ${LEAST_TASKS} to tell.`],
    };
  }
  if (alpha === undefined) {
    return { verdict: 'unknown', advice: ['All answers are the same label, so agreement beyond chance is undefined.'] };
  }
  const confused =
    worst && worst.share >= Math.max(MUCH, STANDS_OUT * worst.nextShare) && alpha <= calibratedAbove
      ? [
          `${percent(worst.share)} of the disagreement is between ${worst.labels[0]} and ${worst.labels[1]}: say in the ` +
            'instructions what tells them apart, with an example of each, or make them one label.',
        ]
      : [];
  if (alpha < pauseBelow) {
    return {
      verdict: 'ambiguous',
      advice: [
        `Agreement is ${apart(alpha, pauseBelow)}, below ${pauseBelow}: the instructions are the first suspect. See first that no bad annotators explain it.`,
        ...confused,
        'Pause the campaign unless it is paused, read the tasks shown here as an annotator would, and add worked examples and edge cases.',
      ],
    };
  }
  if (alpha <= calibratedAbove) {
    return { verdict: 'usable', advice: [`Agreement is ${alpha.toFixed(2)}: usable.`, ...confused] };
  }
  return {
    verdict: 'calibrated',
    advice: [
      `Agreement is ${apart(alpha, calibratedAbove)}, above ${calibratedAbove}: fewer answers a task, adaptive redundancy or a model may do.`,
    ],
  };
}

/** To two digits, or as many as tell it from the limit that it is not. */
function apart(value: number, limit: number): string {
  const shown = value.toFixed(2);
  return Number(shown) === limit ? String(value) : shown;
}

const percent = (share: number) => `${Math.round(100 * share)}%`;
