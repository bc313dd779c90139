import { describe, expect, it } from 'vitest';
import { getTaskType, isTaskTypeName, taskTypes } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel, readPayload } from '../../../domain/tasks/read.ts';
import { TASK_TYPE_NAMES } from '../../../domain/tasks/task-type.ts';

describe('task types', () => {
  it('are registered under their own names, with the usual seconds', () => {
    expect(Object.keys(taskTypes).sort()).toEqual([...TASK_TYPE_NAMES].sort());
    for (const name of TASK_TYPE_NAMES) expect(getTaskType(name).name).toBe(name);
    const seconds = TASK_TYPE_NAMES.map((name) => [name, getTaskType(name).defaultSeconds]);
    expect(Object.fromEntries(seconds)).toEqual({
      classification: 15,
      pairwise: 45,
      likert: 30,
      preference_ranking: 60,
      span: 90,
      free_text: 120,
      dialog: 180,
    });
  });

  it('refuses an unknown name and lists the known ones', () => {
    const known = 'type: "toString" is not one of "classification", "pairwise", "likert", "preference_ranking", "span"';
    expect(() => getTaskType('toString')).toThrow(known);
    expect(isTaskTypeName('__proto__')).toBe(false);
    expect(isTaskTypeName('likert')).toBe(true);
  });

  it('read config, payload and label without knowing the type', () => {
    const type = getTaskType('classification');
    const config = readConfig(type, { labels: ['x', 'y'] });
    expect(readPayload(type, { text: 'hello' })).toEqual({ text: 'hello' });
    expect(readLabel(type, config, 'x')).toBe('x');
    expect(() => readLabel(type, config, 'z')).toThrow('label: "z" is not one of "x", "y"');
  });

  it('report further problems in the details', () => {
    const type = getTaskType('pairwise');
    try {
      readPayload(type, { prompt: 'p' });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ message: 'payload.a is missing; it must be a string', field: 'payload.a' });
      expect((error as { details: unknown[] }).details).toHaveLength(2);
    }
  });
});
