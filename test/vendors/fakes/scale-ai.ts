import type { FormQuestion } from '../../../domain/vendors/form.ts';
import { createScaleAi, type ScaleOptions } from '../../../vendors/scale-ai.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, answersOf, FakeServer, type Reply } from '../fake.ts';

interface Task {
  readonly task_id: string;
  readonly unique_id: string;
  readonly batch: string;
  readonly fields: Field[];
  readonly labels: { name: string }[];
  readonly wanted: number;
  readonly metadata: unknown;
  status: 'pending' | 'completed' | 'canceled';
  answers: Record<string, unknown>[];
}

type Field = {
  type: string;
  field_id: string;
  choices?: { value: string; label: string }[];
  max_choices?: number;
  min?: number;
  max?: number;
};

interface Given {
  readonly name: string;
  readonly project: string;
  readonly unique_id: string;
  readonly batch: string;
  readonly fields?: Field[];
  readonly labels?: { name: string; description?: string }[];
  readonly callback_url?: string;
  readonly instruction?: string;
  readonly rapid?: boolean;
  readonly params?: { readonly instruction?: string };
  readonly responses_required: number;
  readonly metadata?: unknown;
}

export interface ScaleBenchOptions extends BenchOptions {
  /** Labels are texts, as they once were, and not objects. */
  readonly labelTexts?: boolean;
  /** Projects are Rapid ones, whose instructions no task has. */
  readonly rapid?: boolean;
  /** How a batch's status is written. */
  readonly written?: (status: string) => string;
  readonly adapter?: Partial<ScaleOptions>;
}

const KEY = 'live_planted-scale-key';
const CALLBACK = 'planted-scale-callback-auth';
const PAGE = 5;

/** Scale AI v1 as its documents tell: Basic auth, batches that stage, permanent unique ids, 409 for what is known. */
export async function scaleAiBench(given: ScaleBenchOptions = {}): Promise<Bench> {
  const options = { labelTexts: false, ...given };
  const projects = new Set<string>();
  const batches = new Map<string, 'staging' | 'in_progress'>();
  const tasks: Task[] = [];
  const error = (status: number, text: string): Reply => ({ status, body: { status_code: status, error: text } });
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers }) =>
      headers.authorization === `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`
        ? undefined
        : error(401, 'bad key'),
    answer,
    // A unique id or name makes the second a 409; a batch that was finalized is no more in staging.
    resends: () => true,
  });
  const baseUrl = await server.start();

  function answer({ method, path, query, body }: Asked): Reply {
    const [, version, kind, name = '', action] = path.split('/').map(decodeURIComponent);
    const given = (body ?? {}) as Given;
    if (version !== 'v1') return error(404, 'not here');
    if (method === 'POST' && kind === 'projects') {
      const told = given.rapid === true && given.params?.instruction !== undefined;
      return told === (options.rapid ?? false) ? once(projects, given.name) : error(400, 'no instructions');
    }
    if (method === 'POST' && kind === 'batches' && action === undefined) {
      if (!projects.has(given.project)) return error(400, 'no such project');
      if (batches.has(given.name)) return error(409, 'The batch name is already used');
      batches.set(given.name, 'staging');
      return { status: 200, body: { name: given.name, status: 'staging' } };
    }
    if (kind === 'batches' && action === 'status')
      return { status: 200, body: { status: (options.written ?? String)(batches.get(name) ?? '') } };
    if (method === 'POST' && kind === 'batches' && action === 'finalize') {
      if (batches.get(name) !== 'staging') return error(400, 'The batch is not staging');
      batches.set(name, 'in_progress');
      return { status: 200, body: { name, status: 'in_progress' } };
    }
    if (method === 'GET' && kind === 'tasks') return list(query);
    if (method === 'POST' && kind === 'task' && action === undefined) return create(given);
    if (method === 'POST' && kind === 'task' && action === 'audit') return { status: 200, body: {} };
    if (method === 'POST' && kind === 'task' && action === 'cancel') {
      const task = tasks.find(({ task_id }) => task_id === name);
      if (task?.status !== 'pending' || task.answers.length > 0) return error(400, 'cannot be canceled');
      task.status = 'canceled';
      return { status: 200, body: view(task) };
    }
    return error(404, 'not here');
  }

  function once(known: Set<string>, name: string): Reply {
    if (known.has(name)) return error(409, 'The project name is already used');
    known.add(name);
    return { status: 200, body: { name } };
  }

  function create(given: Given): Reply {
    const { unique_id: key, batch } = given;
    const known = tasks.find((task) => task.unique_id === key);
    if (known) return error(409, `The unique_id ("${key}") is already used for a different task (${known.task_id})`);
    if (batches.get(batch) !== 'staging') return error(400, 'tasks can be added only while staging');
    const told = given.instruction !== undefined;
    if (told === (options.rapid ?? false)) return error(400, 'instruction is not where it belongs');
    const isLabel = (each: unknown) => typeof (each as { name?: unknown })?.name === 'string';
    if (given.labels?.every(isLabel) === options.labelTexts) return error(400, 'labels are not as they must be');
    const task: Task = {
      task_id: `64f${tasks.length}`,
      unique_id: key,
      batch,
      fields: given.fields ?? [],
      // Older servers know labels as texts.
      labels: (given.labels ?? []).map((each) => (typeof each === 'string' ? { name: each } : each)),
      wanted: given.responses_required,
      metadata: given.metadata,
      status: 'pending',
      answers: [],
    };
    tasks.push(task);
    return { status: 200, body: view(task) };
  }

  function list(query: URLSearchParams): Reply {
    const [batch, key] = [query.get('batch'), query.get('unique_id')];
    const matching = tasks.filter(
      (task) => (batch ?? task.batch) === task.batch && (key ?? task.unique_id) === task.unique_id,
    );
    const from = Number(query.get('next_token') ?? 0);
    const limit = Math.min(PAGE, Number(query.get('limit')));
    const next = from + limit < matching.length ? `${from + limit}` : null;
    const docs = matching.slice(from, from + limit).map(view);
    return { status: 200, body: { docs, total: matching.length, has_more: next !== null, next_token: next } };
  }

  function view({ task_id, unique_id, status, metadata, answers, wanted }: Task) {
    const responses = answers.map((annotations, at) => ({ worker_id: `w${at + 1}`, annotations }));
    const response = status !== 'completed' ? {} : wanted === 1 ? responses[0] : { responses };
    return { task_id, unique_id, type: 'textcollection', status, metadata, response };
  }

  function annotate(task: Task, seed: string): Record<string, unknown> {
    if (task.labels.length > 0)
      return [{ start: 0, end: 3, text: 'Ann', label: task.labels[0]?.name }] as unknown as Record<string, unknown>;
    const questions = task.fields.map((field): FormQuestion => {
      const head = { id: field.field_id, title: '' };
      if (field.choices) {
        return { ...head, kind: (field.max_choices ?? 1) > 1 ? 'choices' : 'choice', options: field.choices };
      }
      if (field.type === 'number') return { ...head, kind: 'number', min: field.min ?? 1, max: field.max ?? 1 };
      return { ...head, kind: 'text', minLength: 1, maxLength: 100 };
    });
    const places = questions.filter(({ id }) => id.startsWith('ranking_'));
    const given: Record<string, unknown> = { ...answersOf(questions, seed) };
    for (const [at, { id }] of places.entries()) given[id] = at + 1;
    return Object.fromEntries(
      questions.map(({ id, kind }) => {
        const value = kind === 'choice' ? [[given[id]]] : kind === 'choices' ? [given[id]] : given[id];
        return [id, kind === 'text' ? value : { response: value }];
      }),
    );
  }

  return {
    vendor: createScaleAi({
      ...{ baseUrl, apiKey: KEY, callbackAuthKey: CALLBACK, timeoutMs: options.timeoutMs ?? 2000 },
      ...options.adapter,
    }),
    asked: server.asked,
    env: { SCALE_BASE_URL: baseUrl, SCALE_API_KEY: KEY, SCALE_CALLBACK_AUTH_KEY: CALLBACK },
    secrets: [KEY, CALLBACK, Buffer.from(`${KEY}:`).toString('base64')],
    showsPartial: false,
    cancelsStarted: false,
    recall() {
      for (const task of tasks) Object.assign(task, { status: 'pending', answers: [] });
    },
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const [at, task] of tasks.entries()) {
        if (part && at % 2 > 0) continue;
        if (amend) task.answers = task.answers.map((_, nth) => annotate(task, `${task.task_id} ${nth} again`));
        if (amend || task.status !== 'pending' || batches.get(task.batch) !== 'in_progress') continue;
        for (let n = 0; n < workers && task.answers.length < task.wanted; n++) {
          task.answers.push(annotate(task, `${task.task_id} ${task.answers.length}`));
        }
        if (task.answers.length >= task.wanted) task.status = 'completed';
      }
    },
    purchases: (key) => tasks.filter(({ unique_id }) => unique_id === key).length,
    allPurchases: () => tasks.length,
    isCancelled: (key) => tasks.some(({ unique_id, status }) => unique_id === key && status === 'canceled'),
    webhook(_order, placement, event = '2026-11-01') {
      const [task_id] = Object.values(placement.units);
      const body = JSON.stringify({
        task: { task_id, updated_at: event },
        response: {},
        task_id,
        status: 'completed',
      });
      return { headers: { 'scale-callback-auth': CALLBACK }, body: Buffer.from(body) };
    },
    stop: () => server.stop(),
  };
}
