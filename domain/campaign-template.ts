import { formatUsd } from './money.ts';
import { type CampaignSettings, createCampaignSchema, reachingAll, usualPrice } from './settings.ts';

const NAME_LENGTH = 200;
const COPY = ' (copy)';

/**
 * The body of `POST /v1/campaigns` that makes a campaign with the same rules, under the name of a copy. A deadline is left
 * out: it was for the first one.
 */
export function templateOf(settings: CampaignSettings, capMicros: bigint): Record<string, unknown> {
  const { deadline: _, ...stop } = settings.stop;
  const name = `${settings.name.slice(0, NAME_LENGTH - COPY.length)}${COPY}`;
  return { ...bodyOf(settings, capMicros), name, stop };
}

/** The same of the campaign itself: under its own name, with its deadline, and without a price that is the usual one. */
export function ownBody(
  settings: CampaignSettings,
  capMicros: bigint,
  usual: Parameters<typeof usualPrice>[2],
): Record<string, unknown> {
  const { priceUsd, ...body } = bodyOf(settings, capMicros);
  const isUsual = settings.priceMicros === usualPrice(settings, settings.hourlyMicros, usual).toString();
  return isUsual ? body : { ...body, priceUsd };
}

/** The body of `POST /v1/campaigns` that gives these settings: they, with money in dollars. */
export function bodyOf(settings: CampaignSettings, capMicros: bigint): Record<string, unknown> {
  const { priceMicros, hourlyMicros, vendors, evaluation, agreementWatch, hedge, ...rest } = settings;
  const body: Record<string, unknown> = {
    ...rest,
    // Older campaigns were allowed to name workforces that nobody asks.
    ...(hedge ? {} : { escalation: reachingAll(settings, settings.escalation) }),
    budgetUsd: formatUsd(capMicros),
    priceUsd: formatUsd(BigInt(priceMicros)),
    ...dollars('hourly', hourlyMicros),
    agreementWatch: agreementWatch ?? null,
    hedge: hedge && {
      ...(hedge.afterMs === undefined ? {} : { afterMs: hedge.afterMs }),
      ...dollars('budget', hedge.budgetMicros),
    },
    evaluation: evaluation ? { share: evaluation.share, ...dollars('budget', evaluation.budgetMicros) } : null,
  };
  if (vendors) {
    const terms = Object.entries(vendors).map(([vendor, { priceMicros: price, ...more } = {}]) => {
      return [vendor, { ...more, ...dollars('price', price) }];
    });
    body.vendors = Object.fromEntries(terms);
  }
  // Stored settings may be older than the schema, or know more.
  const known = Object.keys(createCampaignSchema.shape);
  return Object.fromEntries(
    Object.entries(body).filter(([field, value]) => known.includes(field) && value !== undefined),
  );
}

function dollars(name: 'budget' | 'price' | 'hourly', micros: string | undefined): Record<string, string> {
  return micros === undefined ? {} : { [`${name}Usd`]: formatUsd(BigInt(micros)) };
}
