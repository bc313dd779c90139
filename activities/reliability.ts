import type { Db } from '../db/client.ts';
import { countCountedAnswers, countedAnswers } from '../db/queries/crowd.ts';
import * as stored from '../db/queries/reliability.ts';
import { leniencyOf, withoutLeniency } from '../domain/aggregation/reliability/leniency.ts';
import { type PeerAnswer, peerReliability } from '../domain/aggregation/reliability/peer-reliability.ts';
import { varianceOf } from '../domain/aggregation/reliability/usual.ts';
import { hasChanged } from '../domain/refitting.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';

/** Fitting reads at most this many answers, the newest ones. */
const MAX_ANSWERS = 50_000;
const CHUNK = 2000;
/** Below this there is little to learn about anybody. */
const LEAST_ANSWERS = 60;
const LEAST_ANNOTATORS = 3;
/** Letters of labels that are compared in all: some seconds for the longest. */
const EFFORT = 2e7;
const MAX_PAIRS = 200_000;
const PRECISION = 1e6;

/**
 * Learns how reliable each annotator is, where labels are no fixed choices (sets, trees, pairs with a strength, rankings,
 * spans, texts, scores, dialogs), by their agreement beyond chance with each other and with known answers; for scores
 * their own leniency is taken off first. False when there are not more than `growth` times the answers of the
 * last fit, too few, or nothing that agrees beyond chance.
 */
export async function fitReliability(
  db: Db,
  given: { campaignId: string; settings: CampaignSettings; growth: number },
  alive: () => void,
): Promise<boolean> {
  const { campaignId, settings, growth } = given;
  const type = getTaskType(settings.type);
  const { config } = settings;
  if (type.choices?.(config)) return false;
  const answered = await countCountedAnswers(db, campaignId);
  const before = await stored.findReliabilityModel(db, campaignId);
  if (answered < LEAST_ANSWERS || (before && !hasChanged(answered, before.fittedOn, growth))) return false;
  const answers: PeerAnswer<unknown>[] = [];
  for await (const rows of countedAnswers(db, { campaignId, limit: MAX_ANSWERS, chunk: CHUNK })) {
    answers.push(...rows);
    alive();
  }
  if (new Set(answers.map(({ annotatorId }) => annotatorId)).size < LEAST_ANNOTATORS) return false;
  const leniency = leniencyOf(type, answers);
  alive();
  const fair = answers.map((answer) => {
    return { ...answer, label: withoutLeniency(type, config, answer.label, leniency.get(answer.annotatorId)) };
  });
  const letters = fair.slice(0, CHUNK).reduce((sum, { label }) => sum + type.canonical(label).length, 0);
  const length = letters / Math.min(CHUNK, fair.length);
  const compare = type.comparing?.(config) ?? { distance: (a: unknown, b: unknown) => type.distance(a, b, config) };
  const fit = peerReliability(fair, {
    similarity: (a, b) => 1 - compare.distance(a, b),
    known: await stored.knownAnswers(db, campaignId),
    maxPairs: Math.min(MAX_PAIRS, Math.round(EFFORT / length)),
  });
  if (!fit) return false;
  alive();
  const annotators = [...fit.reliability].map(([annotatorId, reliability]) => {
    return { annotatorId, reliability: rounded(reliability), leniency: leniency.get(annotatorId) ?? null };
  });
  const variance = varianceOf(type, config, fair) ?? null;
  await stored.storeReliabilities(db, {
    campaignId,
    crowd: rounded(fit.crowd),
    chance: rounded(fit.chance),
    variance,
    fittedOn: answered,
    annotators,
    correlations: fit.correlations,
  });
  return true;
}

/** Digits that records keep: far below what a decision turns on. */
function rounded(value: number): number {
  return Math.round(value * PRECISION) / PRECISION;
}
