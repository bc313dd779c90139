import { z } from 'zod';
import { percent, table } from '../output.ts';

const spread = z.object({ p50: z.number(), p90: z.number() });

/** What we show of `GET /v1/campaigns/{id}/platforms`. */
export const platformsView = z.object({
  window: z.number(),
  items: z.array(
    z.object({
      platform: z.string(),
      answers: z.number(),
      answerUsd: z.string(),
      spentUsd: z.string(),
      secondsToAnswer: spread,
      goldShare: z.number(),
      accuracy: z.object({ correct: z.number(), total: z.number(), low: z.number(), high: z.number() }).nullable(),
      agreement: z
        .object({ alpha: z.number(), low: z.number().nullable(), high: z.number().nullable(), tasks: z.number() })
        .nullable(),
      nearDecisions: z.number().nullable(),
    }),
  ),
});

const HEAD = [
  'PLATFORM',
  'ANSWERS',
  'AN ANSWER',
  'IN ALL',
  'SECONDS P50',
  'P90',
  'GOLDS',
  'GOLD ACCURACY',
  'ALPHA',
  'NEAR DECISIONS',
];

/** A campaign's platforms for people. */
export function platformsLines({ items, window }: z.output<typeof platformsView>): string[] {
  if (items.length === 0) return ['Nobody has answered yet.'];
  const rows = items.map(({ accuracy, agreement, nearDecisions, secondsToAnswer, ...each }) => [
    each.platform,
    each.answers,
    `$${each.answerUsd}`,
    `$${each.spentUsd}`,
    secondsToAnswer.p50.toFixed(1),
    secondsToAnswer.p90.toFixed(1),
    percent(each.goldShare),
    accuracy &&
      `${percent(accuracy.correct / accuracy.total)} (${percent(accuracy.low)} to ${percent(accuracy.high)} of ${accuracy.total})`,
    agreement &&
      `${agreement.alpha.toFixed(3)}${agreement.low === null || agreement.high === null ? '' : ` (${agreement.low.toFixed(3)} to ${agreement.high.toFixed(3)})`}`,
    nearDecisions === null ? '' : percent(nearDecisions),
  ]);
  return [
    ...table(HEAD, rows),
    '',
    `Times and quality are of the newest ${window} answers of each; intervals are of 95%.`,
  ];
}
