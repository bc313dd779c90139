import { z } from 'zod';
import { canonicalJson } from './aggregation/canonical-json.ts';
import { bodyOf } from './campaign-template.ts';
import type { CostFigures } from './cost/figures.ts';
import { type CampaignSettings, createCampaignSchema, resolveSettings } from './settings.ts';

type Body = z.output<typeof createCampaignSchema>;
type Field = Exclude<keyof Body, 'type'>;

/** Fields of a campaign's creation that are to be others; null: as if it had been left out there, or what null means there. */
export type CampaignChange = { readonly [K in Field]?: Body[K] | null | undefined };

const { type: _, ...shape } = createCampaignSchema.shape;
export const FIELDS = Object.keys(shape) as Field[];

/** Every field of creation but the type, which all items were read by; none has a default. */
export const changeShape = Object.fromEntries(
  Object.entries(shape).map(([name, field]) => [
    name,
    bare(field)
      .nullable()
      .optional()
      .describe(field.description ?? ''),
  ]),
) as { [K in Field]: z.ZodOptional<z.ZodNullable<z.ZodType<Body[K], z.input<(typeof shape)[K]>>>> };

function bare(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault
    ? bare(field.unwrap() as z.ZodType)
    : field;
}

/** Of these, those for which null is a value of its own. */
const NULLS: readonly string[] = Object.entries(shape).flatMap(([name, field]) =>
  bare(field).safeParse(null).success ? [name] : [],
);

/** What creation makes of the other settings where it is left out. */
const FOLLOWING = [
  ...(['redundancy', 'maxRedundancy', 'minConfidence', 'onDisagreement', 'escalation', 'priceUsd'] as const),
  ...(['firstBatch', 'refitEvery', 'evaluation', 'agreementWatch'] as const),
];

type Usual = { readonly floorMicros?: bigint; readonly figures?: CostFigures };

/**
 * The settings that a draft would have, had it been created with this change. What is as creation makes it of the other
 * settings goes with them: the usual price with the tier. Throws invalid_input where creation does.
 */
export function draftAfter(
  settings: CampaignSettings,
  change: CampaignChange,
  usual: Usual & { /** Of an answer, unless it is the usual one. */ readonly priceMicros?: string | undefined },
): CampaignSettings {
  const before = createCampaignSchema.parse(bodyOf(settings, 1n));
  const body: Record<string, unknown> = { ...before };
  for (const field of FOLLOWING) {
    // With another pay of an hour the price goes by what it was, and no answer is to earn less.
    if (field === 'priceUsd' && change.hourlyUsd !== undefined) continue;
    const { [field]: __, ...others } = before;
    if (isSame(resolved(others, usual), settings)) delete body[field];
  }
  if (body.priceUsd !== undefined && usual.priceMicros !== undefined) body.priceUsd = usual.priceMicros;
  // More answers are meant, though the most was said.
  const { redundancy, maxRedundancy } = change;
  if (redundancy && maxRedundancy === undefined && redundancy > settings.maxRedundancy) delete body.maxRedundancy;
  const usualBody = createCampaignSchema.parse({ type: settings.type, budgetUsd: 1 }) as Record<string, unknown>;
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined) continue;
    body[field] = value === null && !NULLS.includes(field) ? usualBody[field] : value;
  }
  return resolveSettings(body as Body, usual).settings;
}

function resolved(body: Record<string, unknown>, usual: Usual): CampaignSettings | undefined {
  try {
    return resolveSettings(body as Body, usual).settings;
  } catch {
    return undefined;
  }
}

/** Which of these fields a change would make others, as they are read of a request. */
export function changedFields(settings: CampaignSettings, change: CampaignChange): Field[] {
  const before: CampaignChange = createCampaignSchema.parse(bodyOf(settings, 1n));
  return FIELDS.filter((field) => {
    const value = change[field];
    return value !== undefined && !isSame(value, before[field]);
  });
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}
