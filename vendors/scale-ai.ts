import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import { markingIn, type Option } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith, basicAuth, createHttp, jsonOf } from './http.ts';
import { idIn, isCompleted, readTask } from './scale-ai-answers.ts';
import {
  buyParts,
  byItself,
  flatEstimate,
  hint,
  type Json,
  jsonFrom,
  lowerCased,
  markdownFor,
  mentionsIn,
  objectOf,
  promisedList,
  statusIn,
  textOf,
} from './shared.ts';
import { sameSecret, sha256 } from './signatures.ts';
import { call, type FetchedUnit, type Order, type Placement, type Unit, type Vendor } from './vendor.ts';

export interface ScaleOptions {
  /** `https://api.scale.com/v1` by default. */
  readonly baseUrl?: string;
  readonly apiKey: string;
  /** The account's Callback Auth Key; without it no callback is believed. */
  readonly callbackAuthKey?: string;
  /** An existing project; by default one is made for each campaign. */
  readonly project?: string;
  /** Projects are Rapid ones: instructions are a project's, and no task has its own. */
  readonly rapid?: boolean;
  /** The names of field types, of which the documents confirm `category` alone. */
  readonly fieldTypes?: { readonly number?: string; readonly text?: string };
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

const PAGE = 100;
const MAX_PAGES = 1000;
/** Statuses of a batch whose work has begun. */
const BEGUN: ReadonlySet<string> = new Set(['in_progress', 'completed', 'cancelled', 'canceled']);
/** Statuses of a task that cannot be changed (any more): its state is read instead. */
const SETTLED_STATUSES = [400, 404, 409];

/**
 * Scale AI, v1 tasks in a batch: created under `unique_id` while the batch is staging, counted, then finalized, which is
 * when work and cost begin, in projects that know staging; in others they begin with each task. A known `unique_id` is answered with 409 and looked up.
 */
export function createScaleAi(options: ScaleOptions): Vendor {
  const { apiKey, callbackAuthKey } = options;
  const http = createHttp({
    baseUrl: baseUrlWith(options.baseUrl ?? 'https://api.scale.com', '/v1'),
    headers: { authorization: basicAuth(apiKey), accept: 'application/json' },
    secrets: [apiKey, basicAuth(apiKey).slice(6), callbackAuthKey ?? ''],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const post = (path: string, body: unknown, accept: readonly number[] = []) =>
    http({ method: 'POST', path, body, repeatable: true, accept });

  async function tasksWhere(query: Record<string, string>): Promise<Json[]> {
    const found: Json[] = [];
    const seen = new Set<string>();
    let [next, offset]: [string | undefined, number | undefined] = [undefined, undefined];
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await http({
        method: 'GET',
        path: '/tasks',
        query: { ...query, limit: PAGE, next_token: next, offset },
        repeatable: true,
      });
      const docs = promisedList(answer, ['docs', 'tasks']);
      const { next_token: token, has_more: more } = objectOf(answer.json);
      const fresh = docs.filter((task) => !seen.has(idIn(task) ?? ''));
      for (const task of fresh) seen.add(idIn(task) ?? '');
      found.push(...fresh);
      next = textOf(token) || undefined;
      if ((next === undefined && more !== true) || more === false || fresh.length === 0) return found;
      // One that says there is more, and no token, counts.
      offset = next === undefined ? found.length : undefined;
    }
    throw new VendorError('permanent', `Scale AI listed more than ${MAX_PAGES} pages of tasks.`);
  }

  async function create(order: Order, project: string, unit: Unit): Promise<string> {
    const spans = markingIn(unit.form);
    const common = {
      project,
      batch: order.key,
      ...(options.rapid ? {} : { instruction: instructionOf(order, unit) }),
      unique_id: unit.key,
      responses_required: unit.answers,
      metadata: { order: order.key, unit: unit.key },
      // A callback that is not believed would be repeated for a day.
      ...(order.callbackUrl === undefined || callbackAuthKey === undefined ? {} : { callback_url: order.callbackUrl }),
    };
    const body = spans
      ? { ...common, text: spans.text, labels: spans.options.map(labelOf) }
      : {
          ...common,
          attachments: [{ type: 'text', content: markdownFor(unit.form.blocks) }],
          fields: fieldsOf(unit, options),
        };
    const kind = spans ? 'namedentityrecognition' : 'textcollection';
    let answer = await post(`/task/${kind}`, body, spans ? [400, 409] : [409]);
    if (answer.status === 400 && spans) {
      if (!/label/i.test(answer.text)) {
        const said = http.excerpt(answer.text);
        throw new VendorError('permanent', `Scale AI refused a task: ${said}`, { status: 400 });
      }
      // Older servers know labels as texts. Nothing was made, and the key is the same.
      answer = await post(`/task/${kind}`, { ...body, labels: spans.options.map(({ value }) => value) }, [409]);
    }
    if (answer.status !== 409) return idOf(jsonOf(answer), unit.key);
    // Created before: the answer was lost, or it said 500 although the task was there.
    const known = await taskOf(unit.key, answer.text);
    if (!known)
      throw new VendorError('retryable', `Scale AI knows the unique_id ${unit.key}, and does not list it yet.`);
    const theirs = textOf(objectOf(known.metadata).order) ?? textOf(known.batch) ?? order.key;
    if (theirs !== order.key) {
      throw new VendorError('permanent', `The unique_id ${unit.key} belongs to another order at Scale AI.`);
    }
    return idOf(known, unit.key);
  }

  /** The task of a key that is taken, as it is listed; else the one that the refusal names. */
  async function taskOf(key: string, refusal: string): Promise<Json | undefined> {
    const listed = (await tasksWhere({ unique_id: key })).find((task) => keyOf(task) === key);
    if (listed) return listed;
    for (const [, id = ''] of refusal.matchAll(/\(([\w-]+)\)/g)) {
      const answer = await http({
        method: 'GET',
        path: `/task/${encodeURIComponent(id)}`,
        repeatable: true,
        accept: [404],
      });
      const task = objectOf(answer.json);
      if (answer.status !== 404 && keyOf(task) === key) return task;
    }
    return undefined;
  }

  async function withResponse(task: Json): Promise<Json> {
    const id = idIn(task);
    if (!isCompleted(task) || 'response' in task || 'responses' in task || id === undefined) return task;
    return byItself(http, `/task/${encodeURIComponent(id)}`, task);
  }

  async function batchStatus(order: Order): Promise<string | undefined> {
    const path = `/batches/${encodeURIComponent(order.key)}/status`;
    return statusIn(jsonOf(await http({ method: 'GET', path, repeatable: true })));
  }

  return {
    name: 'scale_ai',
    capabilities: {
      types: VENDOR_TYPES.scale_ai,
      news: callbackAuthKey === undefined ? 'poll' : 'webhook_and_poll',
      price: 'contract',
      workersPaid: WORKERS_PAID.scale_ai,
      maxUnits: MAX_UNITS.scale_ai,
      maxAnswers: 100,
      cancels: 'unit',
    },
    estimate: (order) => flatEstimate(order, 'your contract’s price, as set for the campaign: Scale AI tells none'),

    submit: call('idempotent_by_key', async (order): Promise<Placement> => {
      const spans = order.units.some(({ form }) => markingIn(form) !== undefined);
      const instruction = toldIn(order);
      // A Rapid project shows its own instructions, so that others are another project.
      const version = options.rapid ? `-${sha256(instruction).slice(0, 8)}` : '';
      const project = options.project ?? `quorate-${order.campaign.id}${version}`;
      if (options.project === undefined) {
        const type = spans ? 'namedentityrecognition' : 'textcollection';
        const kind = options.rapid ? { params: { instruction }, rapid: true } : { params: {} };
        await post('/projects', { type, name: project, ...kind }, [409]);
      }
      const batch = { project, name: order.key, metadata: { order: order.key } };
      const known = (await post('/batches', batch, [409])).status === 409;
      const units: Record<string, string> = {};
      if (known) {
        const keys = new Set(order.units.map(({ key }) => key));
        for (const task of await tasksWhere({ batch: order.key })) {
          const key = keyOf(task);
          if (key !== undefined && keys.has(key)) units[key] = idOf(task, key);
        }
      }
      // Of a status that is not known it is asked once more than need be, which is harmless.
      const begins = !known || !BEGUN.has((await batchStatus(order)) ?? '');
      const missing = order.units.filter(({ key }) => units[key] === undefined);
      const buy = async (unit: Unit) => ({ [unit.key]: await create(order, project, unit) });
      const placed = await buyParts(missing, buy, units);
      if (begins) {
        // Cost starts here, or with each task where a project knows no staging. Finalized by an attempt whose answer was lost, it is refused: then the status says so.
        const answer = await post(`/batches/${encodeURIComponent(order.key)}/finalize`, {}, SETTLED_STATUSES);
        if (answer.status >= 400 && (await batchStatus(order)) === 'staging') {
          throw new VendorError(
            'permanent',
            `Scale AI did not finalize the batch ${order.key}: it answered ${answer.status}.`,
          );
        }
      }
      return { externalId: order.key, ...placed };
    }),

    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      const questions = new Map(order.units.map((unit) => [unit.key, unit.form.questions]));
      const tasks = await tasksWhere({ batch: placement.externalId });
      const found: FetchedUnit[] = [];
      for (const task of tasks) {
        const key = keyOf(task) ?? '';
        const asked = questions.get(key);
        if (!asked) continue;
        found.push(readTask(key, await withResponse(task), { questions: asked, excerpt: http.excerpt }));
      }
      return found;
    }),

    cancel: call('idempotent_by_key', async (_order, placement, unitKeys) => {
      for (const key of unitKeys) {
        const id = placement.units[key];
        // Refused once work has begun: what comes of it is fetched like any other.
        if (id !== undefined) await post(`/task/${encodeURIComponent(id)}/cancel`, undefined, SETTLED_STATUSES);
      }
    }),

    settle: call('idempotent_by_key', async (order, placement, act) => {
      const id = placement.units[act.unitKey];
      if (act.act === 'accept' || id === undefined) return 'unsupported' as const;
      if (order.units.some(({ key, answers }) => key === act.unitKey && answers > 1)) {
        return { refused: 'Scale AI audits a task with all its answers; rule on this one there.' };
      }
      await post(`/task/${encodeURIComponent(id)}/audit`, { accepted: false, comments: act.reason });
      return 'done' as const;
    }),
    bonusFeeMicros: () => 0n,
    bonus: call('at_most_once', async () => 'unsupported' as const),
    findBonus: call('read_only', async () => undefined),

    /** Not signed, but with a secret; the task is fetched in any case. */
    parseWebhook({ headers: given, body }) {
      const headers = lowerCased(given);
      if (callbackAuthKey === undefined || !sameSecret(headers['scale-callback-auth'], callbackAuthKey)) {
        throw new VendorError('permanent', 'The callback does not carry the account’s Callback Auth Key.');
      }
      const said = jsonFrom(body);
      const task = { ...objectOf(said), ...objectOf(objectOf(said).task) };
      // Without the time of a change, a recall and the same status once more are told apart by what they say.
      const parts = [task.task_id, task.status, task.updated_at ?? sha256(body)];
      const event = parts.map((part) => textOf(part) ?? '').join(' ');
      return hint(event, mentionsIn(said, ['task_id', 'unique_id', 'batch']));
    },
  };
}

/** Our key of a task: that under which it was made, which its metadata say, too. */
function keyOf({ unique_id, metadata }: Json): string | undefined {
  return textOf(unique_id) ?? textOf(objectOf(metadata).unit);
}

/** What to do. */
const toldIn = ({ instructions, campaign }: Order): string => instructions || campaign.name;

/** What to do with a task; a text to mark is shown alone, so that what belongs to it is said here. */
function instructionOf(order: Order, { form }: Unit): string {
  const marked = markingIn(form);
  const beside = marked ? form.blocks.filter(({ text }) => text !== marked.text) : [];
  return [toldIn(order), ...(beside.length > 0 ? [markdownFor(beside)] : [])].join('\n\n');
}

const labelOf = ({ value, label }: Option) => ({ name: value, description: label });

function idOf(task: Json, key: string): string {
  const own = idIn(task);
  if (own === undefined) throw new VendorError('retryable', `Scale AI has a task for ${key} and does not say which.`);
  return own;
}

function fieldsOf({ form }: Unit, { fieldTypes }: ScaleOptions): object[] {
  const fieldFor = (question: Unit['form']['questions'][number]): object[] => {
    const { id: field_id, title } = question;
    const required = !('optional' in question);
    switch (question.kind) {
      case 'choice':
        return [
          { type: 'category', field_id, title, required, choices: question.options, min_choices: 1, max_choices: 1 },
        ];
      case 'choices':
        return [
          {
            type: 'category',
            field_id,
            title,
            required,
            choices: question.options,
            min_choices: 1,
            max_choices: question.options.length,
          },
        ];
      case 'number':
        return [
          { type: fieldTypes?.number ?? 'number', field_id, title, required, min: question.min, max: question.max },
        ];
      case 'text':
        return [{ type: fieldTypes?.text ?? 'text', field_id, title, required }];
      // No ranking among the fields: the place of each is asked for.
      case 'ranking':
        return question.options.map(({ value, label }) => {
          const place = { field_id: `${field_id}_${value}`, title: `${title} Place of ${label}`, required, min: 1 };
          return { type: fieldTypes?.number ?? 'number', ...place, max: question.options.length };
        });
      case 'spans':
        return [];
    }
  };
  return form.questions.flatMap(fieldFor);
}
