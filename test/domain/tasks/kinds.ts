import { type Rng, seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel, readPayload } from '../../../domain/tasks/read.ts';
import type { AnyTaskType, TaskTypeName } from '../../../domain/tasks/task-type.ts';

interface Kind {
  readonly type: TaskTypeName;
  readonly config: unknown;
  readonly payload: unknown;
  /** A label as an annotator would send it, drawn at random. */
  readonly draw: (rng: Rng) => unknown;
  /** Whether its distance keeps the triangle inequality. */
  readonly metric: boolean;
  /** Whether decisions are labels that an annotator could have given. */
  readonly decidesLabels: boolean;
}

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.int(list.length)] as T;
const text = 'Ana met Bo and Cy 👩‍👩‍👧 in שלום City, all day long.';
const turns = [
  { role: 'user', text: 'Hi' },
  { role: 'assistant', text: 'Hello' },
  { role: 'user', text: 'Why?' },
  { role: 'assistant', text: 'Because' },
];
const leaves = ['animal/dog', 'animal/cat', 'plant/tree', 'plant/herb', 'animal/dog/poodle', 'plant'];

/** Every task type, some in several forms. */
export const KINDS: Readonly<Record<string, Kind>> = {
  classification: {
    type: 'classification',
    config: { labels: ['x', 'y', 'z'] },
    payload: { text: 't', truth: 'x' },
    draw: (rng) => pick(rng, ['x', 'y', 'z']),
    metric: true,
    decidesLabels: true,
  },
  'several labels': {
    type: 'classification',
    config: { labels: ['x', 'y', 'z'], multiple: true },
    payload: { text: 't', truth: 'x' },
    draw: (rng) => rng.shuffle(['x', 'y', 'z']).slice(0, 1 + rng.int(2)),
    metric: true,
    decidesLabels: true,
  },
  hierarchy: {
    type: 'classification',
    config: { labels: leaves, separator: '/' },
    payload: { text: 't', truth: 'x' },
    draw: (rng) => pick(rng, leaves),
    metric: true,
    decidesLabels: true,
  },
  'several in a hierarchy': {
    type: 'classification',
    config: { labels: leaves, separator: '/', multiple: true },
    payload: { text: 't', truth: 'x' },
    draw: (rng) => rng.shuffle(leaves).slice(0, 1 + rng.int(2)),
    metric: true,
    decidesLabels: true,
  },
  pairwise: {
    type: 'pairwise',
    config: { strength: { max: 3 } },
    payload: { prompt: 'p', a: 'one', b: 'two', truth: 'a' },
    draw: (rng) => {
      const choice = pick(rng, ['a', 'b', 'a', 'b', 'tie', 'both_bad']);
      return choice === 'a' || choice === 'b' ? { choice, strength: 1 + rng.int(3) } : choice;
    },
    metric: true,
    decidesLabels: true,
  },
  likert: {
    type: 'likert',
    config: { min: 1, max: 5, criteria: [{ name: 'p' }, { name: 'q' }] },
    payload: { text: 't', prompt: 'p', truth: 3 },
    draw: (rng) => ({ p: 1 + rng.int(5), q: 1 + rng.int(5) }),
    metric: true,
    decidesLabels: false,
  },
  preference_ranking: {
    type: 'preference_ranking',
    config: {},
    payload: { prompt: 'p', answers: ['first', 'second', 'third', 'fourth'], truth: [1] },
    draw: (rng) => ({ ranks: [0, 0, 0, 0].map(() => 1 + rng.int(4)) }),
    metric: true,
    decidesLabels: true,
  },
  'partial ranking': {
    type: 'preference_ranking',
    config: { allowPartial: true },
    payload: { prompt: 'p', answers: ['first', 'second', 'third', 'fourth'], truth: [1] },
    draw: (rng) => ({ ranks: rng.shuffle([1, 2, 1 + rng.int(4), rng.int(2) === 0 ? null : 3]) }),
    metric: true,
    decidesLabels: true,
  },
  span: {
    type: 'span',
    config: { labels: ['PERSON', 'PLACE'] },
    payload: { text, truth: 'Ana' },
    draw: (rng) => {
      const spans = new Map<string, unknown>();
      for (let i = rng.int(4); i >= 0; i--) {
        const start = rng.int(40);
        const span = { start, end: start + 1 + rng.int(6), label: pick(rng, ['PERSON', 'PLACE']) };
        spans.set(JSON.stringify(span), span);
      }
      return [...spans.values()];
    },
    metric: true,
    decidesLabels: true,
  },
  free_text: {
    type: 'free_text',
    config: {},
    payload: { prompt: 'Say something', truth: 'x' },
    draw: (rng) =>
      Array.from({ length: 3 + rng.int(6) }, () => pick(rng, ['red', 'green', 'blue', 'café', '日本', '👍🏽'])).join(
        ' ',
      ),
    metric: true,
    decidesLabels: true,
  },
  'dialog rated': {
    type: 'dialog',
    config: {
      turn: { min: 1, max: 5, criteria: [{ name: 'help' }] },
      overall: { min: 0, max: 10, criteria: [{ name: 'p' }, { name: 'q' }] },
    },
    payload: { turns, truth: 'x' },
    draw: (rng) => ({
      turns: [null, 1 + rng.int(5), null, { help: 1 + rng.int(5) }],
      overall: { p: rng.int(11), q: rng.int(11) },
    }),
    metric: true,
    decidesLabels: false,
  },
  'dialog chosen': {
    type: 'dialog',
    config: { turn: { choices: ['good', 'bad', 'unsafe'] }, overall: { choices: ['pass', 'fail'] } },
    payload: { turns, truth: 'x' },
    draw: (rng) => ({
      turns: [null, pick(rng, ['good', 'bad', 'unsafe']), null, pick(rng, ['good', 'bad', 'unsafe'])],
      overall: pick(rng, ['pass', 'fail']),
    }),
    metric: true,
    decidesLabels: true,
  },
};

/** A kind made ready: its type with parsed config and payload, and labels in their normal form from a seed. */
export function kindOf(name: string): {
  type: AnyTaskType;
  config: unknown;
  payload: unknown;
  kind: Kind;
  label: (from: Rng | number) => unknown;
} {
  const kind = KINDS[name];
  if (!kind) throw new Error(`There is no kind ${name}.`);
  const type = getTaskType(kind.type);
  const config = readConfig(type, kind.config);
  const payload = readPayload(type, kind.payload);
  const label = (from: Rng | number) =>
    readLabel(type, config, kind.draw(typeof from === 'number' ? seededRng(from) : from), payload);
  return { type, config, payload, kind, label };
}
