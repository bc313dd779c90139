import type { Db } from '../db/client.ts';
import { votesOfTasks } from '../db/queries/annotations.ts';
import { countEligible } from '../db/queries/annotators.ts';
import type { WantedReopening } from '../db/queries/reopenings.ts';
import { type AskableTask, askableTasks } from '../db/queries/selection.ts';
import { toRatings } from '../domain/agreement/ratings.ts';
import type { AnswerWorth } from '../domain/learning/relabel-or-new.ts';
import { classNames } from '../domain/learning/targets.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { TIERS, tierMeets } from '../domain/tiers.ts';
import { isVendor } from '../domain/vendors/names.ts';
import type { CampaignJudges } from './campaign-judge.ts';
import type { ChoiceInputs, ChosenItem } from './choose-batch.ts';
import { storedModel } from './stored-model.ts';
import { apart } from './threads/apart.ts';
import { whileWanted } from './threads/while-wanted.ts';

/** Decided tasks that are looked at: of more a part by chance, another one each round. */
const MAX_OLD = 1000;
/** Items of the pool that the model's error on the rest of it is judged by. */
const MAX_POOL = 500;

/** Where the next answers go. */
export interface NextAnswers {
  readonly teaching: readonly ChosenItem[];
  readonly again: readonly WantedReopening[];
}

/**
 * Weighs one more answer on decided tasks against the new items that a strategy chose, and gives as many places as these
 * would have taken to what is worth most, by expected errors saved a dollar. All to the new ones before there is a model,
 * or while it cannot be heard, and in campaigns without `relabel`.
 */
export function createRelabeler({ db, judgeOf }: { readonly db: Db; readonly judgeOf: CampaignJudges }) {
  /** What the campaign's model says of items, one list after the other; undefined where there is none to be heard. */
  async function judged(campaignId: string, settings: CampaignSettings, lists: readonly (readonly string[])[]) {
    const judge = judgeOf(campaignId, settings, await storedModel(db, campaignId), whileWanted());
    const all = await judge?.probabilitiesOf(lists.flat());
    const width = classNames(getTaskType(settings.type).modelTarget(settings.config)).length;
    let from = 0;
    return (
      all &&
      lists.map((list) => {
        const part = all.slice(from, from + list.length * width);
        from += list.length * width;
        return part;
      })
    );
  }

  /** Nobody is asked twice: beyond so many answers there is nobody left. Whom vendors have is for them to know. */
  async function mostAnswers(campaignId: string, settings: CampaignSettings, wanted: number): Promise<number> {
    const { workforces, language, tier } = settings;
    if (workforces.some((each) => isVendor(each) && each !== 'llm')) return wanted;
    const tiers = TIERS.filter((each) => tierMeets(each, tier));
    return countEligible(db, { campaignId, workforces, language, tiers, limit: wanted });
  }

  async function answersOf(settings: CampaignSettings, tasks: readonly AskableTask[]) {
    const type = getTaskType(settings.type);
    const choices = type.choices?.(settings.config) ?? [];
    const places = new Map(choices.map(({ label }, at) => [type.canonical(label), at]));
    const votes = await votesOfTasks(
      db,
      tasks.map(({ taskId }) => taskId),
    );
    const given = tasks.flatMap(({ taskId }, unit) =>
      (votes.get(taskId) ?? []).flatMap(({ annotatorId, label }) => {
        const value = places.get(type.canonical(label));
        return value === undefined ? [] : [{ task: String(unit), worker: annotatorId, label: String(value) }];
      }),
    );
    const { unit, rater, value, raterCount, units, values } = toRatings(given);
    return {
      answers: {
        unit: unit.map((at) => Number(units[at])),
        rater,
        value: value.map((at) => Number(values[at])),
      },
      raterCount,
      choiceCount: choices.length,
      classes: classNames(type.modelTarget(settings.config)).map((name) =>
        choices.findIndex(({ key }) => key === name),
      ),
    };
  }

  return async (
    campaignId: string,
    settings: CampaignSettings,
    round: { inputs: ChoiceInputs; teaching: readonly ChosenItem[]; seed: string; poolSize: number },
  ): Promise<NextAnswers> => {
    const { inputs, teaching, seed } = round;
    const onlyNew = { teaching, again: [] };
    if (!settings.relabel || teaching.length === 0) return onlyNew;
    const most = await mostAnswers(campaignId, settings, settings.relabel.maxAnswers);
    const { tasks, labels } = await askableTasks(db, { campaignId, seed, most, limit: MAX_OLD });
    if (tasks.length === 0) return onlyNew;
    const known = await judged(campaignId, settings, [
      tasks.map(({ itemId }) => itemId),
      teaching.map(({ itemId }) => itemId),
      inputs.candidates.slice(0, MAX_POOL),
    ]);
    const [ofOld, ofNew, ofPool] = known ?? [];
    if (!ofOld || !ofNew || !ofPool) return onlyNew;
    const { worths, accuracy } = await apart(
      'weighAnswers',
      {
        ...(await answersOf(settings, tasks)),
        old: {
          prices: tasks.map(({ priceMicros }) => usd(priceMicros)),
          allowed: tasks.map(({ redundancy }) => most - redundancy),
          probabilities: ofOld,
        },
        fresh: {
          price: usd(BigInt(settings.priceMicros)),
          atOnce: settings.redundancy,
          allowed: Math.max(settings.redundancy, most),
          probabilities: ofNew,
        },
        pool: { size: round.poolSize, probabilities: ofPool },
        labels,
      },
      whileWanted(),
    );
    const chosen = worths.slice(0, teaching.length);
    const kept = new Set(chosen.flatMap(({ kind, index }) => (kind === 'new' ? [index] : [])));
    // What the last of them was chosen in place of; there are as many new ones left out as old ones chosen.
    const instead = worths.slice(teaching.length).find(({ kind }) => kind === 'new');
    const again = chosen.flatMap((worth) => {
      const task = worth.kind === 'relabel' ? tasks[worth.index] : undefined;
      return task && instead ? [reopening(task, { worth, instead, accuracy, most, seed })] : [];
    });
    return { teaching: teaching.filter((_, at) => kept.has(at)), again };
  };
}

/** One more answer, with why. */
function reopening(
  { taskId }: AskableTask,
  by: { worth: AnswerWorth; instead: AnswerWorth; accuracy: number; most: number; seed: string },
): WantedReopening {
  const { worth, instead, accuracy, most, seed } = by;
  const { own, others, answers, perPrice } = worth;
  const reason =
    `One more answer here is expected to save ${perPrice.toPrecision(3)} errors a dollar, ` +
    `a new item in its place ${instead.perPrice.toPrecision(3)}.`;
  const evidence = { strategy: 'relabel_or_new', seed, own, others, answers, accuracy };
  const compared = { errorsPerUsd: perPrice, newItemErrorsPerUsd: instead.perPrice };
  return { taskId, answers: 1, excludedIds: [], most, reason, evidence: { ...evidence, ...compared } };
}

// An answer that is free is worth whatever it saves: any price of all will do.
const usd = (micros: bigint) => (micros === 0n ? 1 : Number(micros) / 1e6);
