import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCampaignSchema, resolveSettings } from '../../domain/settings';
import { bodyOf, type Settings, START, START_CONFIG, STEPS, STRATEGIES, TIERS } from '../../web/src/new/settings';
import { settingsFault } from '../../web/src/new/settings-fault';

/** What the server makes of the page's fields: undefined where it takes them. */
function refusal(settings: Settings): string | undefined {
  const read = createCampaignSchema.safeParse(bodyOf(settings));
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  try {
    resolveSettings(read.data);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

// As the fields give them: lists have neither blanks nor repeats nor spaces around a name.
const odd = fc.constantFrom(
  '',
  ' ',
  'a',
  'spam',
  '1e3',
  '-1',
  '12.34',
  '0',
  '0.0000001',
  '99999999999999',
  'ä\u0000',
  'x'.repeat(201),
  '__proto__',
  '½',
  'NaN',
  ' 5 ',
  '$5',
  '5,00',
  '.5',
  '5.',
);
const names = fc.uniqueArray(
  odd.map((name) => name.trim()).filter((name) => name !== ''),
  { maxLength: 4 },
);
const score = fc.constantFrom(-3, 0, 1, 5, 11, 2_000_000);
const scale = fc.record({
  min: score,
  max: score,
  criteria: fc.array(fc.record({ name: odd }), { minLength: 1, maxLength: 3 }),
});
const question = fc.oneof(fc.constant(undefined), fc.record({ choices: names }), scale);
const configs = {
  classification: fc.record({ labels: names, multiple: fc.boolean() }),
  span: fc.record({ labels: names, allowOverlap: fc.boolean() }),
  likert: scale,
  pairwise: fc.record({ allowTie: fc.boolean(), criteria: fc.option(names, { nil: undefined }) }),
  preference_ranking: fc.record({ allowTies: fc.boolean(), criteria: fc.option(names, { nil: undefined }) }),
  free_text: fc.record({
    minLength: fc.constantFrom(1, 5, 100_000),
    maxLength: fc.constantFrom(1, 5, 100_000),
    patternHint: fc.option(fc.constantFrom('a date', 'x'.repeat(501)), { nil: undefined }),
  }),
  dialog: fc.record({ roles: fc.option(names, { nil: undefined }), turn: question, overall: question }),
} as const;

const settings: fc.Arbitrary<Settings> = fc
  .record({
    name: odd,
    type: fc.constantFrom(...(Object.keys(START_CONFIG) as Settings['type'][])),
    tier: fc.constantFrom(...TIERS),
    redundancyPolicy: fc.constantFrom('fixed' as const, 'adaptive' as const),
    redundancy: fc.integer({ min: 1, max: 25 }),
    maxRedundancy: fc.integer({ min: 1, max: 25 }),
    onDisagreement: fc.constantFrom('accept' as const, 'extend' as const, 'adjudicate' as const),
    minConfidence: fc.option(fc.integer({ min: 0, max: 100 })),
    goldPercent: fc.integer({ min: 0, max: 100 }),
    strategy: fc.constantFrom(...STRATEGIES),
    budgetUsd: odd,
    priceUsd: odd,
    hourlyUsd: odd,
    workforces: fc.uniqueArray(fc.constantFrom('internal', 'llm', 'x'.repeat(101), 'own people'), { minLength: 1 }),
    leaseMinutes: fc.constantFrom(1, 0.5, 30, 1440),
    windowHours: fc.constantFrom(1, 72, 8760),
    escalation: fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 20 }),
    language: fc.constantFrom('', 'en', 'pt-BR', 'portugês', 'e', 'en_GB'),
    pauseBelow: fc.option(fc.constantFrom(-1, 0.6, 1)),
  })
  .chain((given) =>
    fc.record({
      given: fc.constant(given),
      config: configs[given.type] as fc.Arbitrary<Record<string, unknown>>,
      plain: fc.boolean(),
    }),
  )
  // Half of them are odd in their config alone, or hardly any would get that far.
  .map(({ given, config, plain }) => ({
    ...START,
    ...(plain ? { type: given.type, name: 'Fine' } : { ...given }),
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)),
  }));

describe('the fields of a new campaign', () => {
  test('what the page lets through the server takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(settings, (given) => {
        if (settingsFault(given) !== undefined) return;
        taken++;
        expect(refusal(given)).toBeUndefined();
      }),
      { numRuns: 4000, examples: [[START]] },
    );
    // The property would hold of a page that lets nothing through.
    expect(taken).toBeGreaterThan(200);
  });

  test('what the server takes the page lets through', () => {
    const fine = (change: Partial<Settings>): Settings => ({ ...START, name: 'Fine', ...change });
    for (const [type, config] of Object.entries(START_CONFIG)) {
      const named = 'labels' in config ? { ...config, labels: ['spam', 'ham'] } : config;
      const given = fine({ type: type as Settings['type'], config: named });
      expect([settingsFault(given), refusal(given)]).toEqual([undefined, undefined]);
    }
    for (const budgetUsd of ['1', '0.000001', ' 12.5 ', '1000000000000']) {
      const given = fine({ config: { labels: ['a', 'b'] }, budgetUsd });
      expect([budgetUsd, settingsFault(given), refusal(given)]).toEqual([budgetUsd, undefined, undefined]);
    }
  });
});
