import {
  isToBeLearnt,
  LEAST_TO_LEARN,
  learnCrowd,
  MAX_CHOICES_LEARNT,
  strangers,
} from '../aggregation/crowd/learnt-crowd.ts';
import { type JudgingModel, rowOf, type SharedModel } from '../aggregation/crowd/live-model.ts';
import { toRatings } from '../agreement/ratings.ts';

/** An answer, as a crowd is learnt from it. */
export interface CrowdAnswer {
  readonly taskId: string;
  readonly annotator: number;
  readonly choice: number;
  /** The right choice, of a gold. */
  readonly known?: number;
}

/** What decisions need to know of a crowd. */
export interface Knowledge {
  readonly model: JudgingModel;
  /** What an annotator's answer says of the truth. */
  rowOf(annotator: number, choice: number): readonly number[];
}

/** What is known of a campaign's crowd while it runs. */
export interface Learning {
  /** A crowd nobody has heard of. */
  readonly strangers: Knowledge;
  /** Undefined until there was enough to learn from. */
  readonly known: Knowledge | undefined;
  /** Learns from so many answers, where they are more than `growth` times those of the last time. */
  look(count: number, growth: number, answers: () => readonly CrowdAnswer[]): void;
}

/** Choices by the place they have in answers. */
export const choiceKeys = (choices: number): string[] => Array.from({ length: choices }, (_, at) => String(at));

/** Beyond so many answers a crowd is known well enough to be learnt anew seldom: it takes most of a plan's time. */
const WELL_KNOWN = { answers: 400, growth: 1.5 } as const;

/** Learns as a campaign's learning worker does; with `seldom` less often than that where it changes little. */
export function learnFromAnswers(choices: number, { seldom = false } = {}): Learning {
  const keys = choiceKeys(choices);
  let knowledge: Knowledge | undefined;
  let learntFrom: number | undefined;
  return {
    strangers: knowledgeOf(strangers(keys), () => undefined),
    get known() {
      return knowledge;
    },
    look(count, growth, answers) {
      const least = seldom && count > WELL_KNOWN.answers && growth > 1 ? WELL_KNOWN.growth : growth;
      if (choices > MAX_CHOICES_LEARNT || !isToBeLearnt(count, learntFrom, least)) return;
      const all = answers();
      const named = toRatings(
        all.map(({ taskId, annotator, choice }) => ({ task: taskId, worker: `${annotator}`, label: `${choice}` })),
      );
      if (named.raterCount < LEAST_TO_LEARN.annotators) return;
      const value = named.value.map((label) => Number(named.values[label]));
      const known = new Int32Array(named.unitCount).fill(-1);
      for (const [at, { known: right = -1 }] of all.entries()) known[named.unit[at] ?? -1] = right;
      const learnt = learnCrowd({ ...named, value, valueCount: choices }, keys, { known });
      if (!learnt) return;
      const places = new Map(named.raters.map((name, at) => [Number(name), at]));
      knowledge = knowledgeOf(learnt.shared, (annotator) => learnt.tables[places.get(annotator) ?? -1]);
      learntFrom = count;
    },
  };
}

function knowledgeOf(shared: SharedModel, tableOf: (annotator: number) => readonly number[] | undefined): Knowledge {
  const { newcomer, ...model } = shared;
  const rows = new Map<number, readonly number[]>();
  return {
    model,
    rowOf(annotator, choice) {
      // The same few are asked for with every decision.
      const place = annotator * shared.choices.length + choice;
      const row = rows.get(place) ?? rowOf(shared, tableOf(annotator) ?? newcomer, choice);
      rows.set(place, row);
      return row;
    },
  };
}
