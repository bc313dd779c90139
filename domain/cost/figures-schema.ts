import { z } from 'zod';
import { usd } from '../settings.ts';
import { TASK_TYPE_NAMES } from '../tasks/task-type.ts';
import { TIERS } from '../tiers.ts';
import type { SetFigures } from './figures.ts';
import { PLATFORMS } from './platforms.ts';

/** A number with at most six decimals, in millionths. */
const millionths = (most: number) =>
  z
    .number()
    .min(0)
    .max(most)
    .transform((value) => BigInt(Math.round(value * 1e6)).toString());
const ratio = (most: number) => millionths(most).optional();
const hourly = usd.refine((micros) => micros !== '0', 'an hour must pay something').optional();
const seconds = z
  .number()
  .min(0.001)
  .max(86_400)
  .transform((value) => (1000n * BigInt(Math.round(value * 1000))).toString())
  .optional();

/** What an organisation sets of the cost model's figures; what is left out is the usual one. */
export const figuresSchema = z.strictObject({
  hourlyUsd: each(TIERS, hourly, 'Dollars an hour for the tier')
    .optional()
    .describe('What an hour of work costs, by tier; usually 12, 25, 50, 100'),
  seconds: each(TASK_TYPE_NAMES, seconds, 'Seconds for one annotation of type')
    .optional()
    .describe('For one annotation, by task type'),
  fee: each(PLATFORMS, ratio(10), 'Share that is taken on top by')
    .optional()
    .describe('What a platform takes on top, as a share; usually .40, .30, .20, .05, and .10 of any other'),
  gold: ratio(10).describe('Gold answers on top of the work; usually 0.05'),
  review: ratio(1).describe('Share of tasks that are reviewed; usually 0.1'),
  reviewFactor: ratio(1000).describe('Price of a review in annotations; usually 2'),
  hostingUsd: usd.optional().describe('What running it yourself costs a month, for the break-even; usually 10000'),
});

export function setFiguresOf(given: z.output<typeof figuresSchema>): SetFigures {
  const named = Object.entries(given).flatMap(([kind, of]): (readonly [string, string | undefined])[] =>
    typeof of === 'object' ? Object.entries(of).map(([name, value]) => [`${kind}.${name}`, value]) : [[kind, of]],
  );
  return new Map(named.flatMap(([name, value]) => (value === undefined ? [] : [[name, BigInt(value)] as const])));
}

function each<K extends string, S extends z.ZodType>(names: readonly K[], of: S, what: string) {
  return z.strictObject(
    Object.fromEntries(names.map((name) => [name, of.describe(`${what} ${name}`)])) as Record<K, S>,
  );
}
