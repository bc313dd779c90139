import { describe, expect, it } from 'vitest';
import { type DialogConfig, type DialogLabel, dialog } from '../../../domain/tasks/dialog.ts';
import { readInput } from '../../../domain/tasks/read.ts';

const readConfig = (value: unknown) => readInput(dialog.configSchema, value, 'config');
const readPayload = (value: unknown) => readInput(dialog.payloadSchema, value, 'payload');
const scale = { min: 1, max: 5, criteria: [{ name: 'help' }, { name: 'tone' }] };
const rated = readConfig({ turn: { min: 1, max: 5, criteria: [{ name: 'help' }] }, overall: scale });
const chosen = readConfig({ turn: { choices: ['good', 'bad'] }, overall: { choices: ['pass', 'fail'] } });
const whole = readConfig({ overall: { choices: ['pass', 'fail'] } });
const payload = readPayload({
  turns: [
    { role: 'user', text: 'Hi', model: 'hidden' },
    { role: 'assistant', text: 'Hello' },
    { role: 'user', text: 'Why?' },
    { role: 'assistant', text: '' },
  ],
  title: 'Greeting',
});
const readLabel = (value: unknown, cfg: DialogConfig) => readInput(dialog.labelSchema(cfg, payload), value, 'label');
const decide = (cfg: DialogConfig, ...labels: DialogLabel[]) =>
  dialog.aggregate(
    labels.map((label, at) => ({ annotationId: `${at}`, weight: 1, label })),
    cfg,
  );

describe('dialog config and payload', () => {
  it('judges the turns of the assistant unless told otherwise', () => {
    expect(chosen).toEqual({
      roles: ['assistant'],
      turn: { choices: ['good', 'bad'] },
      overall: { choices: ['pass', 'fail'] },
    });
  });

  it.each<[unknown, string]>([
    [{}, 'config.turn and config.overall are missing; at least one must be {choices} or {min, max, criteria}'],
    [{ turn: 5 }, 'config.turn is 5; it must be an object with choices, or with min, max and criteria'],
    [{ turn: { choices: ['x'] } }, 'config.turn.choices has 1; at least 2 are needed'],
    [{ overall: { min: 1, max: 5 } }, 'config.overall.criteria is missing; it must be a list of {name, description}'],
    [{ overall: { ...scale, min: 5 } }, 'config.overall.max is 5; it must be more than config.overall.min, 5'],
    [
      { overall: { ...scale, criteria: [{ name: 'x' }, { name: 'x' }] } },
      'config.overall.criteria: "x" is there twice',
    ],
    [{ turn: { choices: ['x', 'y'] }, roles: [] }, 'config.roles has 0; at least 1 is needed'],
  ])('refuses %j', (value, message) => expect(() => readConfig(value)).toThrow(message));

  it('shows only who says what, and takes turns from a CSV cell as JSON', () => {
    expect(JSON.stringify(dialog.present?.(payload, 1))).not.toContain('hidden');
    expect(readPayload({ turns: JSON.stringify(payload.turns) }).turns).toEqual(payload.turns);
    expect(dialog.features(payload)).toBe('Greeting\nuser: Hi\nassistant: Hello\nuser: Why?\nassistant: ');
  });

  it.each<[unknown, string]>([
    [{}, 'payload.turns is missing; it must be a list of {role, text}'],
    [{ turns: [] }, 'payload.turns is empty; a dialog has at least one turn'],
    [{ turns: ['Hi'] }, 'payload.turns[0]: it is "Hi"; it must be an object with role and text'],
    [{ turns: [{ role: 'user' }] }, 'payload.turns[0].text: it is missing; it must be a string'],
    [{ turns: [{ role: ' ', text: 'x' }] }, 'payload.turns[0].role: it is empty'],
    [
      { turns: Array.from({ length: 201 }, () => ({ role: 'user', text: 'x' })) },
      'payload.turns has 201; at most 200 are allowed',
    ],
  ])('refuses payload %#', (value, message) => expect(() => readPayload(value)).toThrow(message));
});

describe('dialog label', () => {
  it('has a place for each turn and one for the whole', () => {
    const label = { turns: [null, 4, null, { help: 5 }], overall: { tone: 2, help: 3 } };
    expect(readLabel(label, rated)).toEqual({
      turns: [null, { help: 4 }, null, { help: 5 }],
      overall: { help: 3, tone: 2 },
    });
    expect(readLabel({ turns: [null, 'good', null, 'bad'], overall: 'fail' }, chosen)).toEqual({
      turns: [null, 'good', null, 'bad'],
      overall: 'fail',
    });
    expect(readLabel({ overall: 'pass' }, whole)).toEqual({ overall: 'pass' });
  });

  const turns = [null, 'good', null, 'bad'];
  it.each<[unknown, DialogConfig, string]>([
    ['pass', whole, 'label: "pass" is not an object with overall'],
    [{ turns, overall: 'pass' }, whole, 'label has the unknown field "turns"; use overall'],
    [{ overall: 'great' }, whole, 'label.overall: "great" is not one of "pass", "fail"'],
    [{ turns }, chosen, 'label.overall: missing is not one of "pass", "fail"'],
    [{ overall: 'pass' }, chosen, 'label.turns: missing is not a list with a place for each turn'],
    [{ turns: ['good', 'bad'], overall: 'pass' }, chosen, 'label.turns has 2 places; the dialog has 4 turns'],
    [
      { turns: ['good', 'good', null, 'bad'], overall: 'pass' },
      chosen,
      'label.turns[0] is "good"; it must be null, for only turns of "assistant" are judged',
    ],
    [
      { turns: [null, 'good', null, null], overall: 'pass' },
      chosen,
      'label.turns[3]: null is not one of "good", "bad"',
    ],
    [{ turns: [null, 6, null, 1], overall: 'x' }, rated, 'label.turns[1]: 6 is not a whole number from 1 to 5'],
    [{ turns: [null, 5, null, { tone: 1 }], overall: 'x' }, rated, 'label.turns[3]: "tone" is not one of "help"'],
    [
      { turns: [null, 5, null, 1], overall: { help: 3 } },
      rated,
      'label.overall.tone: missing is not a whole number from 1 to 5',
    ],
  ])('refuses %j', (value, cfg, message) => expect(() => readLabel(value, cfg)).toThrow(message));
});

describe('dialog distance', () => {
  it('is the mean of the turns and the whole', () => {
    const label = (first: string, second: string, overall: string) => ({ turns: [null, first, null, second], overall });
    const d = (a: DialogLabel, b: DialogLabel) => dialog.distance(a, b, chosen);
    const good = label('good', 'good', 'pass');
    expect(d(good, good)).toBe(0);
    expect(d(good, label('good', 'bad', 'pass'))).toBe(0.25);
    expect(d(good, label('good', 'good', 'fail'))).toBe(0.5);
    expect(d(good, label('bad', 'bad', 'fail'))).toBe(1);
    expect(d(good, { turns: [null, 'good', null, null], overall: 'pass' })).toBe(0.25);
    const scores = (help: number, tone: number) => ({ turns: [null, { help }], overall: { help, tone } });
    expect(dialog.distance(scores(1, 5), scores(5, 5), rated)).toBeCloseTo((1 + 0.5) / 2, 12);
  });
});

describe('dialog aggregate and export', () => {
  it('decides each turn and the whole by themselves', () => {
    const result = decide(
      chosen,
      { turns: [null, 'good', null, 'bad'], overall: 'pass' },
      { turns: [null, 'good', null, 'good'], overall: 'fail' },
      { turns: [null, 'good', null, 'bad'], overall: 'fail' },
    );
    expect(result).toMatchObject({
      label: { turns: [null, 'good', null, 'bad'], overall: 'fail' },
      method: 'by_turn',
      n: 3,
    });
    expect(result.confidence).toBeCloseTo(((1 + 2 / 3) / 2 + 2 / 3) / 2, 12);
    expect(result.distribution['turns[3]=bad']).toBeCloseTo(2 / 3, 12);
    expect(result.distribution['overall=pass']).toBeCloseTo(1 / 3, 12);
    expect(dialog.exportRecord(payload, result, chosen).turn_confidence).toEqual([null, 1, null, 2 / 3]);
    const ruled = { ...result, method: 'adjudication' };
    expect(dialog.exportRecord(payload, ruled, chosen).turn_confidence).toEqual([null, null, null, null]);
  });

  it('has decided the same where choices and nearest steps are the same', () => {
    const label = (help: number, tone: number) => ({ turns: [null, { help }], overall: { help: 3, tone } });
    expect(dialog.same?.(label(4.2, 2), label(4.4, 1.9), rated)).toBe(true);
    expect(dialog.same?.(label(4.2, 2), label(4.6, 2), rated)).toBe(false);
    expect(dialog.same?.(label(4.2, 2), label(4.2, 3), rated)).toBe(false);
    const picked = (overall: string) => ({ turns: [null, 'good'], overall });
    expect(dialog.same?.(picked('pass'), picked('fail'), chosen)).toBe(false);
    expect(dialog.same?.(picked('pass'), picked('pass'), chosen)).toBe(true);
  });

  it('takes means of scores', () => {
    const label = (help: number, tone: number) => ({ turns: [null, { help }], overall: { help, tone } });
    const result = decide(rated, label(5, 1), label(4, 2));
    expect(result.label).toEqual({ turns: [null, { help: 4.5 }], overall: { help: 4.5, tone: 1.5 } });
    expect(result.distribution).toMatchObject({ 'turns[1].help=5': 0.5, 'overall.tone=2': 0.5 });
    expect(result.confidence).toBeCloseTo(0.75, 12);
  });

  it('teaches the model what is asked of the whole, or else the mean of the turns', () => {
    expect(dialog.modelTarget(chosen)).toEqual({ kind: 'classes', classes: ['pass', 'fail'] });
    expect(dialog.modelLabel({ overall: 'fail' }, chosen)).toBe('fail');
    expect(dialog.modelTarget(rated)).toEqual({ kind: 'scalar', min: 1, max: 5 });
    expect(dialog.modelLabel({ overall: { help: 1, tone: 4 } }, rated)).toBe(2.5);
    const turnsOnly = readConfig({ turn: { min: 0, max: 4, criteria: [{ name: 'help' }] } });
    expect(dialog.modelTarget(turnsOnly)).toEqual({ kind: 'scalar', min: 0, max: 4 });
    expect(dialog.modelLabel({ turns: [null, { help: 1 }, { help: 4 }] }, turnsOnly)).toBe(2.5);
    expect(dialog.modelTarget(readConfig({ turn: { choices: ['x', 'y'] } }))).toEqual({ kind: 'none' });
  });
});
