import { fitCrowdModel } from '../../../domain/aggregation/crowd/default.ts';
import { REFIT_GROWTH } from '../../../domain/aggregation/crowd/learnt-crowd.ts';
import { CROWD_RULE, chooseByCrowd } from '../../../domain/aggregation/crowd/live-decision.ts';
import { rowOf, takeApart } from '../../../domain/aggregation/crowd/live-model.ts';
import { decisionRecord } from '../../../domain/aggregation/decide.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import * as campaign from '../../../domain/campaign.ts';
import { type CrowdAnswer, choiceKeys, learnFromAnswers } from '../../../domain/planning/knowledge.ts';
import type { Option } from '../../../domain/planning/options.ts';
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

/**
 * A campaign whose tasks a recorded crowd answers, in the order of the recording's shuffle: it begins with a crowd that nobody
 * knows, opens tasks and learns when a campaign's own rules say so, and asks on until a decision may stand.
 */
export function playFromTheStart(rows: readonly Row[], gold: ReadonlyMap<string, string>, option: Option, rng: Rng) {
  const { policy, redundancyPolicy, batches } = option;
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const keys = choiceKeys(labels.length);
  const workers = new Map([...new Set(rows.map(({ worker }) => worker))].map((name, at) => [name, at]));
  const byTask = new Map<string, Row[]>();
  for (const row of rng.shuffle(rows)) byTask.set(row.task, [...(byTask.get(row.task) ?? []), row]);
  const tasks = rng.shuffle([...byTask].map(([id, own]) => ({ id, own, answers: [] as CrowdAnswer[] })));
  const pool = [...tasks];
  const open: (typeof tasks)[number][] = [];
  const learning = learnFromAnswers(labels.length);
  const all: CrowdAnswer[] = [];
  const judged = (answers: readonly CrowdAnswer[]) => {
    const { model, rowOf: row } = learning.known ?? learning.strangers;
    const votes = answers.map(({ annotator, choice }, at) => {
      return { annotationId: `${at}`, key: keys[choice] ?? '', row: row(annotator, choice), weight: 1 };
    });
    const result = chooseByCrowd(model, votes, CROWD_RULE);
    if (!result) throw new Error('Answers decide something.');
    return result;
  };
  /** One more answer to some open task; its id where that settles it. */
  const answered = (): string[] => {
    const at = rng.int(open.length);
    const [task, { worker, label } = { worker: '', label: '' }] = [open[at], open[at]?.own[open[at].answers.length]];
    if (!task) throw new Error('No task is open.');
    const answer = { taskId: task.id, annotator: workers.get(worker) ?? -1, choice: labels.indexOf(label) };
    task.answers.push(answer);
    all.push(answer);
    const most = Math.min(policy.maxRedundancy, task.own.length);
    if (task.answers.length < Math.min(policy.redundancy, most)) return [];
    const result = judged(task.answers);
    const isEnough = task.answers.length >= most || result.confidence >= policy.minConfidence;
    if (!isEnough && !furtherAnswersAreIdle({ ...policy, redundancyPolicy }, result)) return [];
    open.splice(at, 1);
    return [task.id];
  };
  let memory = campaign.openCampaign(batches);
  for (let step = campaign.nextCampaignStep(memory); step.do !== 'finish'; step = campaign.nextCampaignStep(memory)) {
    if (step.do === 'select') {
      const chosen = pool.splice(0, step.count);
      open.push(...chosen);
      const batch = {
        taskIds: chosen.map(({ id }) => id),
        blocked: chosen.length === 0 ? 'pool_empty' : null,
      } as const;
      memory = campaign.batchSelected(campaign.selectionBegun(memory), batch);
    } else if (step.do === 'fit') {
      const seen = memory.settledSinceFit;
      learning.look(all.length, REFIT_GROWTH, () => all);
      memory = campaign.modelFitted(memory, { point: null, seen });
    } else memory = campaign.tasksSettled(memory, answered());
  }
  learning.look(all.length, 1, () => all);
  const right = tasks.filter(({ id, answers }) => labels[Number(judged(answers).key)] === gold.get(id)).length;
  return { answers: all.length, accuracy: right / tasks.length };
}
