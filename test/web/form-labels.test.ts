import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { getTaskType } from '../../domain/tasks/index';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../../domain/tasks/task-type';
import { FORMS } from '../../web/src/forms';

interface Case {
  readonly config: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
  /** What is in the form: what was clicked and typed, or kept and put back. */
  readonly draft: unknown;
}

const names = fc.uniqueArray(fc.constantFrom('spam', 'ham', 'Ä', 'x y', '7', '👍'), { minLength: 2, maxLength: 4 });
const word = fc.oneof(
  fc.constantFrom('', ' ', 'Ana came.', '2026-01-31', 'a\r\nb', '👍👍', 'e\u0301', 'x\u0000', '\ud800', 'aaaa'),
  fc.string({ maxLength: 8, unit: 'grapheme' }),
);
const whole = fc.integer({ min: -1, max: 7 });
const scale = fc.record({
  min: fc.constantFrom(-2, 0, 1),
  max: fc.constantFrom(3, 5, 20),
  criteria: names.map((each) => each.map((name) => ({ name }))),
});
/** An answer to every question there may be, or to some, or to none. */
const answers = (ids: readonly string[], values: fc.Arbitrary<unknown>) =>
  fc.record(Object.fromEntries(ids.map((id) => [id, fc.option(values, { nil: undefined, freq: 12 })])));

const cases: Readonly<Record<TaskTypeName, fc.Arbitrary<Case>>> = {
  classification: fc.record({ labels: names, multiple: fc.boolean() }).chain((config) =>
    fc.record({
      config: fc.constant(config),
      payload: fc.constant({ text: 'Buy now' }),
      draft: fc.array(fc.constantFrom(...config.labels, 'nothing of it'), { maxLength: 4 }),
    }),
  ),
  likert: scale.chain((config) =>
    fc.record({
      config: fc.constant(config),
      payload: fc.constant({ text: 'An answer' }),
      draft: answers(
        config.criteria.map(({ name }) => `score.${name}`),
        whole,
      ),
    }),
  ),
  pairwise: fc.record({
    config: fc.record(
      {
        allowTie: fc.boolean(),
        allowBothBad: fc.boolean(),
        strength: fc.record({ max: fc.integer({ min: 2, max: 10 }) }),
        criteria: names,
      },
      { requiredKeys: [] },
    ),
    payload: fc.constant({ prompt: 'Why?', a: 'So.', b: '' }),
    draft: fc.record({
      choice: fc.constantFrom('a', 'b', 'tie', 'both_bad', null),
      strength: fc.option(fc.integer({ min: 0, max: 11 })),
    }),
  }),
  preference_ranking: fc.record({
    config: fc.record({ allowTies: fc.boolean(), allowPartial: fc.boolean() }),
    payload: fc.constant({ prompt: 'Why?', answers: ['one', 'two', '', 'four'] }),
    draft: fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), { maxLength: 5 }),
  }),
  span: fc
    .record({ labels: names, allowOverlap: fc.boolean(), maxSpans: fc.integer({ min: 1, max: 3 }) })
    .chain((config) =>
      fc.record({
        config: fc.constant(config),
        payload: fc.constant({ text: '👍 Ana e\u0301 came.' }),
        draft: fc.array(
          fc.record({ start: fc.nat(13), end: fc.nat(14), label: fc.constantFrom(...config.labels, 'nothing of it') }),
          { maxLength: 5 },
        ),
      }),
    ),
  free_text: fc.record({
    config: fc.record(
      {
        minLength: fc.constantFrom(1, 3),
        maxLength: fc.constantFrom(3, 12),
        pattern: fc.constantFrom('\\d{4}-\\d{2}-\\d{2}', 'a+', '.*', '[^x]*', '(a|👍)+'),
        patternHint: fc.constant('a date'),
      },
      { requiredKeys: [] },
    ),
    payload: fc.constant({ prompt: 'Write.' }),
    draft: word,
  }),
  dialog: fc
    .record(
      {
        roles: fc.constantFrom(['assistant'], ['assistant', 'user'], ['nobody']),
        turn: fc.oneof(scale, fc.record({ choices: names })),
        overall: fc.oneof(scale, fc.record({ choices: names })),
      },
      { requiredKeys: [] },
    )
    .filter(({ turn, overall }) => turn !== undefined || overall !== undefined)
    .chain((config) => {
      const questions = [
        ...(config.turn === undefined ? [] : ['turn0', 'turn1', 'turn2'].map((id) => [id, config.turn] as const)),
        ...(config.overall === undefined ? [] : [['overall', config.overall] as const]),
      ];
      const ids = questions.flatMap(([id, asked]) =>
        asked && 'criteria' in asked ? asked.criteria.map(({ name }) => `${id}.${name}`) : [id],
      );
      const choices = questions.flatMap(([, asked]) => (asked && 'choices' in asked ? asked.choices : []));
      return fc.record({
        config: fc.constant(config),
        payload: fc.constant({
          turns: [
            { role: 'user', text: 'Hello' },
            { role: 'assistant', text: 'Yes?' },
            { role: 'assistant', text: 'Well?' },
          ],
        }),
        draft: answers(ids, choices.length === 0 ? whole : fc.oneof(whole, fc.constantFrom(...choices))),
      });
    }),
};

describe.each(TASK_TYPE_NAMES)('the form of %s', (name) => {
  const type = getTaskType(name);
  const form = FORMS[name];

  test('lets through nothing that the server refuses, and keeps nothing back that it takes', () => {
    let sent = 0;
    fc.assert(
      fc.property(cases[name], ({ config, payload, draft }) => {
        // As the server has them: both were through its own schemas when the campaign was made.
        const known = type.configSchema.safeParse(config);
        const shown = type.payloadSchema.safeParse(payload);
        fc.pre(known.success && shown.success);
        const [own, item] = [form.readConfig(known.data), form.readPayload(shown.data)];
        const value = form.restore(draft, own, item) ?? form.start(own, item);
        const result = form.toLabel(value, own, item);
        const schema = type.labelSchema(known.data, shown.data);
        if ('label' in result) {
          sent++;
          const { error } = schema.safeParse(result.label);
          expect(error?.issues.map(({ message }) => message)).toBeUndefined();
          return;
        }
        // What is in the form, as it is: had it been enough, the server would have taken it.
        expect(schema.safeParse(asItIs(name, value)).success).toBe(false);
      }),
      { numRuns: 2000 },
    );
    // The property would hold of a form that sends nothing.
    expect(sent).toBeGreaterThan(100);
  });
});

/** What a form would send if it let everything through. */
function asItIs(name: TaskTypeName, value: unknown): unknown {
  if (name === 'pairwise') return (value as { choice: unknown }).choice;
  if (name === 'preference_ranking') {
    const groups = value as number[][];
    const rank = (answer: number) => groups.findIndex((group) => group.includes(answer));
    return { ranks: [0, 1, 2, 3].map((answer) => (rank(answer) < 0 ? null : rank(answer) + 1)) };
  }
  if (name === 'likert') {
    const given = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(given.map(([id, score]) => [id.slice('score.'.length), score]));
  }
  if (name === 'dialog') return undefined;
  return value;
}
