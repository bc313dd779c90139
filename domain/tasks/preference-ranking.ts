import { z } from 'zod';
import { kemenyConsensus } from '../aggregation/rankings/kemeny.ts';
import { distanceFromKnown, type Ranks, rankingDistance } from '../aggregation/rankings/ranking-distance.ts';
import { orderedVotes } from '../aggregation/weighted-vote.ts';
import { seededRng } from '../rng.ts';
import { flagField, mismatch, namesField, orJsonText, payloadOf, refuser, shareField, textField } from './fields.ts';
import { dense, MAX_ANSWERS, ranksFault, readRanks } from './ranks.ts';
import type { TaskType } from './task-type.ts';

/** Beside a known ranking: one pair in five the other way. */
const GOLD_TOLERANCE = 0.2;

const configSchema = z.object(
  {
    /** Whether answers may share a rank. */
    allowTies: flagField('config.allowTies').default(true),
    /** Whether answers may be left out, which says nothing about them. */
    allowPartial: flagField('config.allowPartial').default(false),
    /** What to rank by (accuracy, helpfulness, …): shown beside the answers. */
    criteria: namesField('config.criteria', { min: 0, max: 50 }).optional(),
    /** Largest distance from a known ranking at which an answer counts as right. */
    goldTolerance: shareField('config.goldTolerance').optional(),
  },
  { error: (issue) => mismatch('config', 'an object', issue.input) },
);

const payloadSchema = payloadOf({
  prompt: textField('payload.prompt', { filled: true }),
  answers: orJsonText(
    z
      // The place in the list comes before the message of an answer.
      .array(textField('it'), { error: (issue) => mismatch('payload.answers', 'a list of texts', issue.input) })
      .min(2, { error: 'payload.answers has fewer than 2 answers; there is nothing to rank' })
      .max(MAX_ANSWERS, {
        error: `payload.answers has more than ${MAX_ANSWERS} answers; at most ${MAX_ANSWERS} are allowed`,
      }),
  ),
});

export type PreferenceRankingConfig = z.infer<typeof configSchema>;
export type PreferenceRankingPayload = z.infer<typeof payloadSchema>;
/** By answer, as in the payload: 1 for the best, equal ranks for ties (1, 2, 2, 3), null for an answer left out. */
export interface PreferenceRankingLabel {
  readonly ranks: Ranks;
}

function labelSchema(
  config: PreferenceRankingConfig,
  payload?: PreferenceRankingPayload,
): z.ZodType<PreferenceRankingLabel> {
  return z.unknown().transform((value, ctx) => {
    const ranks = readRanks(value, payload?.answers.length);
    if (typeof ranks === 'string') return refuser(ctx)(ranks);
    const fault = ranksFault(ranks, config);
    return fault === undefined ? { ranks: dense(ranks) } : refuser(ctx)(fault);
  });
}

/** Consensus of the answers that anybody ranked; null for the others. */
function consensus(rankings: readonly { readonly ranks: Ranks; readonly weight: number }[], k: number) {
  const ranked = Array.from({ length: k }, (_, at) => at).filter((at) =>
    rankings.some(({ ranks }) => (ranks[at] ?? null) !== null),
  );
  const own = rankings.map(({ ranks, weight }) => ({ ranks: ranked.map((at) => ranks[at] ?? null), weight }));
  const { ranks, confidence, distance } = kemenyConsensus(own, ranked.length);
  const full = Array.from({ length: k }, (_, at) => ranks[ranked.indexOf(at)] ?? null);
  return { ranks: full, confidence, distance };
}

/** Several answers to one prompt, put in order from best to worst. */
export const preferenceRanking: TaskType<PreferenceRankingConfig, PreferenceRankingPayload, PreferenceRankingLabel> = {
  name: 'preference_ranking',
  title: 'Preference ranking',
  defaultSeconds: 60,
  agreementLevel: 'distance',
  labelReadsPayload: true,
  configSchema,
  payloadSchema,
  labelSchema,

  canonical({ ranks }) {
    return JSON.stringify(dense(ranks));
  },

  /** The share of compared pairs that are the other way round; ties and answers left out are half-way (`rankingDistance`). */
  distance(a, b) {
    return rankingDistance(a.ranks, b.ranks);
  },

  matches(label, known, { goldTolerance = GOLD_TOLERANCE }) {
    return distanceFromKnown(label.ranks, known.ranks) <= goldTolerance;
  },

  /**
   * The weighted Kemeny consensus, which can have ties even where annotators may give none. Confidence is the share of
   * weight that orders a pair as the consensus does; `distribution` is each answer's share of first places.
   */
  aggregate(votes) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'kemeny', n: 0 };
    const ordered = orderedVotes(votes, ({ label }) => preferenceRanking.canonical(label));
    const k = Math.max(...votes.map(({ label }) => label.ranks.length));
    const rankings = ordered.map(({ vote, weight }) => {
      return { ranks: Array.from({ length: k }, (_, at) => vote.label.ranks[at] ?? null), weight };
    });
    const { ranks, confidence, distance } = consensus(rankings, k);
    const firsts = new Float64Array(k);
    let total = 0;
    for (const { ranks: own, weight } of rankings) {
      total += weight;
      const best = own.filter((rank) => rank === 1).length;
      for (const [at, rank] of own.entries()) if (rank === 1) firsts[at] = (firsts[at] ?? 0) + weight / best;
    }
    return {
      label: { ranks },
      confidence,
      distribution: Object.fromEntries(Array.from(firsts, (sum, at) => [`answers[${at}]`, sum / total])),
      method: 'kemeny',
      n: votes.length,
      stats: { distance },
    };
  },

  /** The answers in an order drawn for each annotator, so that the one shown first has no advantage. */
  present({ prompt, answers }, seed) {
    const order = seededRng(`preference_ranking ${seed}`).shuffle(Array.from(answers.keys()));
    return { payload: { prompt, answers: order.map((at) => answers[at] ?? '') }, order: order.join(',') };
  },

  undo({ ranks }, order) {
    const places = order === '' ? [] : order.split(',').map(Number);
    if (places.length !== ranks.length) return { ranks };
    return { ranks: Array.from(ranks.keys(), (answer) => ranks[places.indexOf(answer)] ?? null) };
  },

  redo({ ranks }, order) {
    const places = order === '' ? [] : order.split(',').map(Number);
    if (places.length !== ranks.length) return { ranks };
    return { ranks: places.map((answer) => ranks[answer] ?? null) };
  },

  /** `pairs` has each best answer over each worst one, as preference data; none where all are tied. */
  exportRecord(payload, { label, confidence, n }) {
    const given = (label?.ranks ?? []).filter((rank) => rank !== null);
    const [best, worst] = [Math.min(...given), Math.max(...given)];
    const texts = (rank: number) => payload.answers.filter((_, at) => label?.ranks[at] === rank);
    const pairs =
      best < worst ? texts(best).flatMap((chosen) => texts(worst).map((rejected) => ({ chosen, rejected }))) : [];
    return { ...payload, label, pairs, confidence, n_annotators: n };
  },

  modelTarget({ goldTolerance = GOLD_TOLERANCE }) {
    return { kind: 'ranking', tolerance: goldTolerance };
  },

  modelLabel({ ranks }) {
    return JSON.stringify(ranks);
  },

  features({ answers }) {
    return answers;
  },
};
