import { strangers } from '../../domain/aggregation/crowd/learnt-crowd.ts';
import { CROWD_RULE, type CrowdEvidence } from '../../domain/aggregation/crowd/live-decision.ts';
import { rowOf } from '../../domain/aggregation/crowd/live-model.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { Db } from '../client.ts';
import type { Vote } from '../queries/annotations.ts';
import * as crowd from '../queries/crowd.ts';

/**
 * What decisions on votes of these annotators need of the campaign's crowd, made of the votes of one task each;
 * undefined while there is no model of it.
 */
export async function crowdEvidence(
  db: Db,
  campaignId: string,
  settings: CampaignSettings,
  annotatorIds: readonly string[],
): Promise<((votes: readonly Vote[]) => CrowdEvidence) | undefined> {
  const type = getTaskType(settings.type);
  const choices = type.choices?.(settings.config);
  if (!choices) return undefined;
  const found = await crowd.findCrowdModel(db, campaignId);
  // Two strangers who agree are not yet certain of it: adaptive campaigns begin with a modest opinion of everybody.
  if (!found && settings.redundancyPolicy !== 'adaptive') return undefined;
  const { version, shared } = found ?? { version: 0, shared: strangers(choices.map(({ key }) => key)) };
  const tables = await crowd.crowdTables(db, { campaignId, version, annotatorIds });
  const places = new Map(choices.map(({ key, label }) => [type.canonical(label), shared.choices.indexOf(key)]));
  const { newcomer, ...model } = shared;
  return (votes) => {
    const rows = votes.flatMap(({ annotationId, annotatorId, label }) => {
      const choice = places.get(type.canonical(label)) ?? -1;
      return choice < 0 ? [] : [[annotationId, rowOf(shared, tables.get(annotatorId) ?? newcomer, choice)] as const];
    });
    return { version, rule: CROWD_RULE, model, rows: Object.fromEntries(rows) };
  };
}
