import { getTaskType } from '../../domain/tasks/index.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../../domain/tasks/task-type.ts';
import { formOf } from '../../domain/vendors/form.ts';
import type { Order } from '../../vendors/vendor.ts';

/** A config and an item of each type, as a vendor without ties and overlaps can do them. */
const SAMPLES: Readonly<Record<TaskTypeName, { config: unknown; payload: unknown }>> = {
  classification: { config: { labels: ['spam', 'ham'] }, payload: { text: 'win money <now> & "here"' } },
  pairwise: { config: { strength: { max: 3 } }, payload: { prompt: 'Which?', a: 'One.', b: 'Two.' } },
  likert: {
    config: { min: 1, max: 5, criteria: [{ name: 'clear' }, { name: 'kind', description: 'to the reader' }] },
    payload: { text: 'Hello.' },
  },
  preference_ranking: { config: { allowTies: false }, payload: { prompt: 'Order', answers: ['x', 'y', 'z'] } },
  span: { config: { labels: ['name', 'place'], allowOverlap: false }, payload: { text: 'Ann 👋 lives in Rome' } },
  free_text: { config: {}, payload: { prompt: 'Say something.' } },
  dialog: {
    config: { turn: { choices: ['good', 'bad'] }, overall: { min: 1, max: 3, criteria: [{ name: 'helpful' }] } },
    payload: {
      turns: [
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: 'Hello' },
      ],
    },
  },
};

export function sampleOf(type: TaskTypeName) {
  const { config, payload } = SAMPLES[type];
  const own = getTaskType(type);
  return { type: own, config: own.configSchema.parse(config), payload: own.payloadSchema.parse(payload) };
}

export const ALL_TYPES = TASK_TYPE_NAMES;

/** An order of so many tasks of one type. */
export function orderOf(type: TaskTypeName, options: { key?: string; units?: number; answers?: number } = {}): Order {
  const { config, payload } = sampleOf(type);
  const key = options.key ?? `quorate-${type}`;
  return {
    key,
    campaign: { id: '0190a0a0-0000-7000-8000-000000000001', name: 'A campaign' },
    type,
    instructions: 'Read it & answer.',
    priceMicros: 100_000n,
    units: Array.from({ length: options.units ?? 2 }, (_, at) => ({
      key: `${key}-unit-${at}`,
      answers: options.answers ?? 2,
      form: formOf(type, config, payload),
    })),
  };
}
