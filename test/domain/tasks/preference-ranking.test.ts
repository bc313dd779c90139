import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PreferenceRankingConfig, preferenceRanking } from '../../../domain/tasks/preference-ranking.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const readConfig = (value: unknown) => readInput(preferenceRanking.configSchema, value, 'config');
const readPayload = (value: unknown) => readInput(preferenceRanking.payloadSchema, value, 'payload');
const config = readConfig({});
const partial = readConfig({ allowPartial: true });
const strict = readConfig({ allowTies: false });
const payload = readPayload({ prompt: 'P', answers: ['one', 'two', 'three'], models: ['x', 'y', 'z'] });
const readLabel = (
  value: unknown,
  cfg: PreferenceRankingConfig = config,
  shown: typeof payload | undefined = payload,
) => readInput(preferenceRanking.labelSchema(cfg, shown), value, 'label');
const decide = (...rankings: (number | null)[][]) =>
  preferenceRanking.aggregate(
    rankings.map((ranks, at) => ({ annotationId: `${at}`, weight: 1, label: { ranks } })),
    config,
  );

describe('preference ranking config and payload', () => {
  it('allows ties and wants every answer ranked unless told otherwise', () => {
    expect(config).toEqual({ allowTies: true, allowPartial: false });
    expect(() => readConfig({ allowPartial: 1 })).toThrow('config.allowPartial is 1; it must be true or false');
  });

  it('takes 2 to 20 answers, from a CSV cell as JSON', () => {
    expect(readPayload({ prompt: 'P', answers: '["x", ""]' }).answers).toEqual(['x', '']);
    expect(readPayload({ prompt: 'P', answers: Array.from({ length: 20 }, () => 'x') }).answers).toHaveLength(20);
  });

  it.each<[unknown, string]>([
    [{ answers: ['x', 'y'] }, 'payload.prompt is missing; it must be a string'],
    [{ prompt: 'P' }, 'payload.answers is missing; it must be a list of texts'],
    [{ prompt: 'P', answers: 'x, y' }, 'payload.answers is "x, y"; it must be a list of texts'],
    [{ prompt: 'P', answers: ['x'] }, 'payload.answers has fewer than 2 answers; there is nothing to rank'],
    [{ prompt: 'P', answers: Array.from({ length: 21 }, () => 'x') }, 'payload.answers has more than 20 answers'],
    [{ prompt: 'P', answers: ['x', 5] }, 'payload.answers[1]: it is 5; it must be a string'],
  ])('refuses %j', (value, message) => expect(() => readPayload(value)).toThrow(message));
});

describe('preference ranking label', () => {
  it.each<[unknown, (number | null)[]]>([
    [
      [3, 1, 2],
      [3, 1, 2],
    ],
    [{ ranks: [3, 1, 1] }, [2, 1, 1]],
    [{ groups: [[1], [2, 0]] }, [2, 1, 2]],
    [{ groups: [2, 0, 1] }, [2, 3, 1]],
  ])('reads %j', (value, ranks) => expect(readLabel(value)).toEqual({ ranks }));

  it('reads partial rankings where they are allowed', () => {
    expect(readLabel({ ranks: [3, null, 1] }, partial)).toEqual({ ranks: [2, null, 1] });
    expect(readLabel({ groups: [[2], [0]] }, partial)).toEqual({ ranks: [2, null, 1] });
  });

  it.each<[unknown, PreferenceRankingConfig, string]>([
    ['one', config, 'label: "one" is not a list with a rank for each answer'],
    [{ ranks: 3 }, config, 'label.ranks: 3 is not a list with a rank for each answer'],
    [{ rank: [1, 2, 3] }, config, 'label has the unknown field "rank"; use either ranks or groups'],
    [{ ranks: [1, 2, 3], groups: [] }, config, 'label has the unknown field "groups"; use either ranks or groups'],
    [[1, 2], config, 'label has 2 ranks; there must be 3, one for each answer'],
    [{ ranks: [1, 2, 4] }, config, 'label.ranks[2]: 4 is not a whole number from 1 to 3'],
    [{ ranks: [1, 2, 0] }, config, 'label.ranks[2]: 0 is not a whole number from 1 to 3'],
    [{ ranks: [1, 2, Number.NaN] }, config, 'label.ranks[2]: NaN is not a whole number from 1 to 3'],
    [{ ranks: [1, 2, '3'] }, config, 'label.ranks[2]: "3" is not a whole number from 1 to 3'],
    [{ ranks: [1, null, 2] }, config, 'label leaves out answer 1; every answer must have a rank from 1 to 3'],
    [{ groups: [[0], [1]] }, config, 'label leaves out answer 2; every answer must have a rank from 1 to 3'],
    [{ groups: [[0], [3]] }, config, 'label.groups[1]: 3 is not the place of an answer, 0 to 2'],
    [
      {
        groups: [
          [0, 1],
          [1, 2],
        ],
      },
      config,
      'label.groups[1]: answer 1 is there twice',
    ],
    [{ groups: 'x' }, config, 'label.groups: "x" is not a list of lists of answers, best first'],
    [{ ranks: [1, null, null] }, partial, 'label ranks 1 of 3 answers; at least 2 must be ranked'],
    [{ ranks: [1, 2, 2] }, strict, 'label: answers 1 and 2 share rank 2, but this campaign does not allow ties'],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));

  it('knows the number of answers by the label alone where there is no payload', () => {
    const alone = (value: unknown) => readInput(preferenceRanking.labelSchema(config), value, 'label');
    expect(alone([2, 1, 4, 3])).toEqual({ ranks: [2, 1, 4, 3] });
    expect(alone({ groups: [[1], [0, 2]] })).toEqual({ ranks: [2, 1, 2] });
    expect(() => alone([1])).toThrow('label has 1 ranks; there must be 2 to 20, one for each answer');
  });
});

describe('preference ranking presentation', () => {
  it('shows the prompt and answers in an order of its own, each place as likely', () => {
    const first = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const shown = preferenceRanking.present?.(payload, seed);
      expect(Object.keys(shown?.payload ?? {})).toEqual(['prompt', 'answers']);
      const best = shown?.payload.answers[0] ?? '';
      first.set(best, (first.get(best) ?? 0) + 1);
    }
    for (const answer of payload.answers) expect(Math.abs((first.get(answer) ?? 0) - 1000)).toBeLessThan(120);
  });

  it('undoes what it showed: each answer keeps the rank it was given', () => {
    const answers = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(answers, fc.integer(), fc.infiniteStream(fc.option(fc.nat(7))), (texts, seed, draws) => {
        const shown = preferenceRanking.present?.({ prompt: 'P', answers: texts }, seed);
        if (!shown) throw new Error('unreachable');
        const ranks = shown.payload.answers.map(() => draws.next().value);
        const stored = preferenceRanking.undo?.({ ranks }, shown.order);
        const byText = (list: readonly string[], given: readonly (number | null)[] | undefined) =>
          Object.fromEntries(list.map((text, at) => [text, given?.[at]]));
        expect(byText(texts, stored?.ranks)).toEqual(byText(shown.payload.answers, ranks));
        expect(stored && preferenceRanking.redo?.(stored, shown.order)).toEqual({ ranks });
      }),
    );
    expect(preferenceRanking.undo?.({ ranks: [2, 1] }, '')).toEqual({ ranks: [2, 1] });
    expect(preferenceRanking.redo?.({ ranks: [2, 1] }, '')).toEqual({ ranks: [2, 1] });
  });
});

describe('preference ranking distance', () => {
  const d = (a: (number | null)[], b: (number | null)[]) =>
    preferenceRanking.distance({ ranks: a }, { ranks: b }, config);

  it('is the share of pairs in reverse, ties and answers left out half-way', () => {
    expect(d([1, 2, 3], [3, 2, 1])).toBe(1);
    expect(d([1, 2, 3], [2, 1, 3])).toBeCloseTo(1 / 3, 12);
    expect(d([1, 2, 3], [1, 1, 2])).toBeCloseTo(1 / 6, 12);
    expect(d([1, 1, 1], [1, 2, 3])).toBe(0.5);
    expect(d([1, null, 2], [1, 2, 3])).toBeCloseTo(1 / 3, 12);
    expect(d([1, null, 2], [2, null, 1])).toBe(1);
  });

  it('takes a gold for right or wrong by the pairs that it compares', () => {
    const right = (label: (number | null)[], known: (number | null)[]) =>
      preferenceRanking.matches?.({ ranks: label }, { ranks: known }, partial);
    const known = [1, 2, null, null, null];
    expect(right([2, 1, null, null, null], known)).toBe(false);
    expect(right([2, 1, 3, 4, 5], known)).toBe(false);
    expect(right([1, 2, 3, 4, 5], known)).toBe(true);
    expect(right([1, 2, null, null, null], known)).toBe(true);
  });
});

describe('preference ranking aggregate and export', () => {
  it('takes the order nearest to all', () => {
    const result = decide([1, 2, 3], [1, 3, 2], [2, 1, 3]);
    expect(result).toMatchObject({ label: { ranks: [1, 2, 3] }, method: 'kemeny', n: 3 });
    expect(result.confidence).toBeCloseTo(7 / 9, 9);
    expect(result.distribution).toEqual({ 'answers[0]': 2 / 3, 'answers[1]': 1 / 3, 'answers[2]': 0 });
  });

  it('ties what is contested evenly, and leaves out what nobody ranked', () => {
    expect(decide([1, 2, 3], [2, 1, 3]).label).toEqual({ ranks: [1, 1, 2] });
    expect(decide([1, null, 2], [1, null, 2]).label).toEqual({ ranks: [1, null, 2] });
    expect(decide([1, 2, null], [null, 1, 2]).label).toEqual({ ranks: [1, 2, 3] });
  });

  it('exports each best answer over each worst one', () => {
    const record = (...rankings: (number | null)[][]) =>
      preferenceRanking.exportRecord(payload, decide(...rankings), config);
    expect(record([1, 2, 3])).toEqual({
      prompt: 'P',
      answers: ['one', 'two', 'three'],
      models: ['x', 'y', 'z'],
      label: { ranks: [1, 2, 3] },
      pairs: [{ chosen: 'one', rejected: 'three' }],
      confidence: 1,
      n_annotators: 1,
    });
    expect(record([1, 2, 1]).pairs).toEqual([
      { chosen: 'one', rejected: 'two' },
      { chosen: 'three', rejected: 'two' },
    ]);
    expect(record([1, 1, 1]).pairs).toEqual([]);
    expect(preferenceRanking.exportRecord(payload, preferenceRanking.aggregate([], config), config).pairs).toEqual([]);
  });
});
