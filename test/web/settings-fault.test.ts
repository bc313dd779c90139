import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCampaignSchema, resolveSettings } from '../../domain/settings';
import {
  type Body,
  bodyOf,
  type Settings,
  START,
  START_CONFIG,
  STEPS,
  STRATEGIES,
  TIERS,
} from '../../web/src/new/settings';
import { settingsFault } from '../../web/src/new/settings-fault';

/** What the server makes of the page's fields: undefined where it takes them. */
function refusal(settings: Settings, old: Body = {}): string | undefined {
  const read = createCampaignSchema.safeParse(bodyOf(settings, old));
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
/** A field that may be empty. */
const field = (value: fc.Arbitrary<number>) => fc.option(value, { freq: 9 });
// As the fields give it: an empty one is not there.
const end = fc.option(score, { nil: undefined, freq: 9 });
const scale = fc.record({
  min: end,
  max: end,
  criteria: fc.array(fc.record({ name: odd }), { minLength: 1, maxLength: 3 }),
});
const question = fc.oneof(fc.constant(undefined), fc.record({ choices: names }), scale);
const configs = {
  classification: fc.record({ labels: names, multiple: fc.boolean() }),
  span: fc.record({ labels: names, allowOverlap: fc.boolean() }),
  likert: scale,
  pairwise: fc.record({
    allowTie: fc.boolean(),
    criteria: fc.option(names, { nil: undefined }),
    strength: fc.option(fc.record({ max: fc.integer({ min: 1, max: 11 }) }), { nil: undefined }),
  }),
  preference_ranking: fc.record({ allowTies: fc.boolean(), criteria: fc.option(names, { nil: undefined }) }),
  free_text: fc.record({
    minLength: fc.constantFrom(1, 5, 100_000),
    maxLength: fc.constantFrom(1, 5, 100_000),
    patternHint: fc.option(fc.constantFrom('a date', 'x'.repeat(501)), { nil: undefined }),
  }),
  dialog: fc.record({ roles: fc.option(names, { nil: undefined }), turn: question, overall: question }),
} as const;

/** What will do, and now and then what will not. */
const mostly = <T>(good: readonly T[], bad: readonly T[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });

const settings: fc.Arbitrary<Settings> = fc
  .record({
    name: odd,
    type: fc.constantFrom(...(Object.keys(START_CONFIG) as Settings['type'][])),
    tier: fc.constantFrom(...TIERS),
    redundancyPolicy: fc.constantFrom('fixed' as const, 'adaptive' as const),
    redundancy: field(fc.integer({ min: 0, max: 26 })),
    maxRedundancy: field(fc.integer({ min: 0, max: 26 })),
    onDisagreement: fc.constantFrom('accept' as const, 'extend' as const, 'adjudicate' as const),
    minConfidence: fc.option(fc.integer({ min: -1, max: 101 })),
    goldPercent: field(fc.integer({ min: -1, max: 101 })),
    strategy: fc.constantFrom(...STRATEGIES),
    budgetUsd: odd,
    priceUsd: odd,
    hourlyUsd: odd,
    workforces: fc.uniqueArray(fc.constantFrom('internal', 'llm', 'x'.repeat(101), 'own people')),
    leaseMinutes: field(fc.constantFrom(0, 1, 0.5, 30, 1440)),
    windowHours: field(fc.constantFrom(0, 1, 72, 8760, 8785)),
    escalation: fc.array(fc.record({ step: fc.constantFrom(...STEPS) }), { minLength: 1, maxLength: 20 }),
    language: fc.constantFrom('', 'en', 'pt-BR', 'portugês', 'e', 'en_GB'),
    dailyLimit: fc.option(fc.constantFrom(0, 1, 100_001)),
    relabels: fc.boolean(),
    relabelMost: field(fc.integer({ min: 1, max: 26 })),
    pauses: fc.boolean(),
    pauseBelow: field(fc.constantFrom(-1.1, -1, 0.6, 1)),
    stopTasks: mostly([null, 1, 500], [0, 1.5]),
    stopAccuracyPercent: mostly([null, 0, 95], [-1, 101]),
    stopPlateauRounds: mostly([null, 3], [0, 16]),
    stopPlateauPoints: mostly([0.5, 100], [null, -1, 101]),
    stopPointsPerUsd: mostly([null, 0.1], [-1, 2e6]),
    stopDeadline: mostly(['', '2999-01-04T09:30'], ['soon']),
    mode: fc.constantFrom('streaming' as const, 'rounds' as const),
    batchSize: mostly([null, 50], [0, 1001]),
    maxLeases: mostly([null, 50], [0, 51]),
    goldFloor: mostly([null, 0, 100], [-1, 101]),
    repeatPercent: mostly([null, 5], [0, 51]),
    evaluationPercent: mostly([null, 0, 1, 50], [0.5, 51]),
    autoLabelPercent: mostly([null, 95], [49, 99.95]),
    calibrates: fc.boolean(),
    paysLate: fc.boolean(),
    further: mostly(['', ' ', '{}', '{"seed": "mine"}'], ['[]', 'seed', 'null']),
  })
  .chain((given) =>
    fc.record({
      given: fc.constant(given),
      config: configs[given.type] as fc.Arbitrary<Record<string, unknown>>,
      odd: fc.constantFrom('config', 'more', 'all'),
    }),
  )
  // Most of them are odd in one part alone, or hardly any would get that far.
  .map(({ given, config, odd: what }) => ({
    ...START,
    ...(what === 'all' ? given : { ...(what === 'more' ? moreOf(given) : {}), type: given.type, name: 'Fine' }),
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)),
  }));

/** What is under "More". */
function moreOf(given: Partial<Settings>): Partial<Settings> {
  const { stopTasks, stopAccuracyPercent, stopPlateauRounds, stopPlateauPoints, stopPointsPerUsd, stopDeadline } =
    given;
  const { mode, batchSize, maxLeases, goldFloor, repeatPercent, evaluationPercent, autoLabelPercent } = given;
  const stop = { stopTasks, stopAccuracyPercent, stopPlateauRounds, stopPlateauPoints, stopPointsPerUsd, stopDeadline };
  const work = { mode, batchSize, maxLeases, goldFloor, repeatPercent, evaluationPercent, autoLabelPercent };
  const { calibrates, paysLate, further } = given;
  return { ...stop, ...work, calibrates, paysLate, further } as Partial<Settings>;
}

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

  // The page counts steps by itself; the server's own count is in `domain/settings.ts`.
  test('a ladder is refused here where the server refuses it', () => {
    const steps = fc.constantFrom('next_workforce', 'raise_priority', 'adjudicate', 'give_up');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('internal', 'llm', 'own people'), { minLength: 1 }),
        fc.array(steps, { maxLength: 6 }),
        fc.constantFrom('none', 'further', 'old'),
        (workforces, ladder, judge) => {
          const isFirst = workforces[0] === 'llm';
          const old = judge === 'old' && isFirst ? { type: 'classification', judge: {} } : {};
          const further = judge === 'further' && isFirst ? '{"judge":{}}' : '';
          const escalation = ladder.map((step) => ({ step })) as Settings['escalation'];
          const config = { labels: ['a', 'b'] };
          const given: Settings = { ...START, name: 'Fine', config, workforces, escalation, further };
          const [here, there] = [settingsFault(given, old), refusal(given, old)];
          expect([here === undefined, here, there]).toEqual([there === undefined, here, there]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a time at which it stops is to come', () => {
    const given: Settings = {
      ...START,
      name: 'Fine',
      config: { labels: ['a', 'b'] },
      stopDeadline: '2026-05-01T09:30',
    };
    expect(settingsFault(given, {}, Date.parse('2026-05-01T09:29'))).toBeUndefined();
    expect(settingsFault(given, {}, Date.parse('2026-05-01T09:30'))).toBe('The time at which it stops is past.');
  });

  test('points of a gain are asked for where rounds without one stop it, and empty ones ask for nothing else', () => {
    const given: Settings = { ...START, name: 'Fine', config: { labels: ['a', 'b'] }, stopPlateauPoints: null };
    expect([settingsFault(given), refusal(given)]).toEqual([undefined, undefined]);
    expect(settingsFault({ ...given, stopPlateauRounds: 3 })).toBe('Fill in the points of a gain.');
  });
});
