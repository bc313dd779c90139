import { fitCrowdModel } from '../../../domain/aggregation/crowd/default.ts';
import { CROWD_RULE } from '../../../domain/aggregation/crowd/live-decision.ts';
import { rowOf, takeApart } from '../../../domain/aggregation/crowd/live-model.ts';
import { decisionRecord } from '../../../domain/aggregation/decide.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { furtherAnswersAreIdle } from '../../../domain/redundancy/idle-answers.ts';
import type { Rng } from '../../../domain/rng.ts';

export interface Row {
  readonly task: string;
  readonly worker: string;
  readonly label: string;
}

/** As campaigns are with `redundancyPolicy: adaptive` and nothing said beside. */
const SETTINGS = { redundancyPolicy: 'adaptive', redundancy: 2, maxRedundancy: 5, minConfidence: 0.95 } as const;

/**
 * Asks a recorded crowd again as a campaign that is under way does: its crowd is learnt from three answers to each of the other
 * half of the tasks, as answers to a task come mostly after the last fit, and a task is asked for one answer at a time
 * until its decision, made as real ones are, may stand.
 */
export function playProduction(rows: readonly Row[], gold: ReadonlyMap<string, string>, rng: Rng) {
  const byTask = new Map<string, Row[]>();
  for (const row of rng.shuffle(rows)) byTask.set(row.task, [...(byTask.get(row.task) ?? []), row]);
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const tasks = [...byTask];
  const half = tasks.length / 2;
  let [answers, right] = [0, 0];
  for (const [known, open] of [
    [tasks.slice(0, half), tasks.slice(half)],
    [tasks.slice(half), tasks.slice(0, half)],
  ] as const) {
    const decide = learnt(
      known.flatMap(([, own]) => own.slice(0, 3)),
      labels,
    );
    for (const [taskId, own] of open) {
      const most = Math.min(SETTINGS.maxRedundancy, own.length);
      for (let n = Math.min(SETTINGS.redundancy, most); n <= most; n++) {
        const result = decide(taskId, own.slice(0, n));
        const isEnough = n === most || result.confidence >= SETTINGS.minConfidence;
        if (!isEnough && !furtherAnswersAreIdle(SETTINGS, result)) continue;
        answers += n;
        if (result.label === gold.get(taskId)) right += 1;
        break;
      }
    }
  }
  return { answersPerTask: answers / tasks.length, accuracy: right / tasks.length };
}

/** Decides as the database's decisions are made, by a crowd that was learnt from these answers. */
function learnt(rows: readonly Row[], labels: readonly string[]) {
  const ratings = toRatings(rows);
  const value = ratings.value.map((label) => labels.indexOf(ratings.values[label] ?? ''));
  const { model } = fitCrowdModel({ ...ratings, value, valueCount: labels.length });
  const { shared, tableOf } = takeApart(model, labels, 3);
  const { newcomer, ...judging } = shared;
  const tables = new Map(ratings.raters.map((name, at) => [name, tableOf(at)]));
  return (taskId: string, own: readonly Row[]) => {
    const row = ({ worker, label }: Row) => rowOf(shared, tables.get(worker) ?? newcomer, labels.indexOf(label));
    return decisionRecord({
      ...{ taskId, type: 'classification', policyVersion: 1, instructionsVersion: 1, config: { labels } },
      votes: own.map(({ label }, at) => ({ annotationId: `${at}`, label, weight: 1 })),
      crowd: {
        ...{ version: 1, rule: CROWD_RULE, model: judging },
        rows: Object.fromEntries(own.map((each, at) => [`${at}`, row(each)])),
      },
    }).result;
  };
}
