import { createHmac } from 'node:crypto';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import type { FormQuestion, Option } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith, basicAuth, createHttp, jsonOf } from './http.ts';
import {
  buyParts,
  byItself,
  chunks,
  escaped,
  flatEstimate,
  type Group,
  groupsOf,
  hint,
  type Json,
  listOf,
  lookAround,
  numberIn,
  numbersOf,
  objectOf,
  pagesOf,
  placesIn,
  statusIn,
  textOf,
} from './shared.ts';
import { sameSecret, sha256 } from './signatures.ts';
import { isDone, readTask, unbraced } from './surge-ai-answers.ts';
import { call, type FetchedUnit, type Order, type Placement, type Unit, type Vendor } from './vendor.ts';

export interface SurgeOptions {
  /** `https://app.surgehq.ai/api` by default. */
  readonly baseUrl?: string;
  readonly apiKey: string;
  readonly privateWorkforce?: boolean;
  /** Of the addresses that callbacks are asked for at; without it none are. */
  readonly callbackSecret?: string;
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

/** Shows a text's lines as they are. */
const LINES = 'style="white-space:pre-wrap"';
const PAGE = 25;
/** Statuses of a project whose work and cost have not begun. */
const DRAFT: ReadonlySet<string | undefined> = new Set([undefined, 'unlaunched', 'draft']);
/** Says that there is no such act, or none by this method. */
const NO_SUCH_ACT = [404, 405];
/** Refusals after which the project's status says what is so. */
const REFUSED = [400, 409, 422, ...NO_SUCH_ACT];
/** Small, so that a purchase of unknown outcome is soon compared. */
const TASKS_AT_ONCE = 50;

/**
 * Surge AI, which has no idempotency on create: projects carry our key in name and tags and are looked for, tasks carry
 * theirs in `_ext_id`, only missing ones are posted, and the project is launched, which is when cost begins, when all are there.
 * Questions belong to a project, so tasks with other questions get a project of their own.
 */
export function createSurgeAi(options: SurgeOptions): Vendor {
  const { apiKey, callbackSecret } = options;
  const http = createHttp({
    baseUrl: baseUrlWith(options.baseUrl ?? 'https://app.surgehq.ai', '/api'),
    headers: { authorization: basicAuth(apiKey), accept: 'application/json' },
    secrets: [apiKey, basicAuth(apiKey).slice(6), callbackSecret ?? ''],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });

  const pages = (path: string, name: string) =>
    pagesOf(http, { path, names: [name, 'data', 'results'], query: { per_page: PAGE } });

  /**
   * The project of this key: the one that was launched, else the draft with the most tasks, but for one with more than are
   * wanted; drafts cost nothing.
   */
  async function findProject({ key, units }: Group): Promise<Json | undefined> {
    const mark = `[key=${key}]`;
    const mine = (await pages('/projects', 'projects')).filter(
      ({ name, tags }) => textOf(name)?.includes(mark) || listOf(tags).includes(`key=${key}`),
    );
    const launched = mine.filter((project) => !DRAFT.has(statusIn(project)));
    if (launched.length > 1) {
      const many = `Surge AI has ${launched.length} launched projects with the key ${key}`;
      throw new VendorError('permanent', `${many}; keep one of them.`);
    }
    const tasksOf = ({ num_tasks }: Json) => Number(num_tasks ?? 0);
    const fit = mine.filter((each) => tasksOf(each) <= units.length);
    return launched[0] ?? fit.sort((a, b) => tasksOf(b) - tasksOf(a))[0];
  }

  /** What comes behind our address for an order's callbacks, which nobody can guess and which names the order. */
  const pathOf = (key: string, secret: string) =>
    `${key}.${createHmac('sha256', secret).update(`surge_ai ${key}`).digest('base64url')}`;

  async function createProject(order: Order, key: string, first: Unit): Promise<Json> {
    const body = {
      name: `${order.campaign.name} [key=${key}]`,
      payment_per_response: Number(order.priceMicros) / 1e6,
      instructions: `<p ${LINES}>${unbraced(escaped(order.instructions))}</p>`,
      fields_template: first.form.blocks
        .map((_, at) => `<h3>{{title_${at}}}</h3><p ${LINES}>{{text_${at}}}</p>`)
        .join(''),
      num_workers_per_task: first.answers,
      private_workforce: options.privateWorkforce ?? false,
      questions: first.form.questions.map(questionOf),
      tags: [`key=${key}`],
      ...(order.callbackUrl === undefined || callbackSecret === undefined
        ? {}
        : { callback_url: `${order.callbackUrl}/${pathOf(order.key, callbackSecret)}` }),
    };
    return jsonOf(await http({ method: 'POST', path: '/projects', body, repeatable: false }));
  }

  async function buyGroup(order: Order, group: Group, again: boolean): Promise<Record<string, string>> {
    const create = () => createProject(order, group.key, group.units[0]);
    const first = await fill((again ? await findProject(group) : undefined) ?? (await create()), group);
    // Slow requests that were given up and done all the same. There is no taking back of single tasks, but drafts cost nothing.
    const { id, doubled, tasks } =
      first.doubled && !isLaunched(await statusOf(first.id)) ? await fill(await create(), group) : first;
    const project = await projectAt(id);
    if (DRAFT.has(statusIn(project))) {
      if (doubled)
        throw new VendorError('permanent', `Surge AI has tasks of project ${id} twice; it was not launched.`);
      // More than it lists: a list may lag behind what an attempt posted whose answer was lost.
      if ((numberIn(project.num_tasks) ?? 0) > group.units.length) {
        throw new VendorError(
          'ambiguous',
          `Surge AI counts ${project.num_tasks} tasks in project ${id} and does not list all yet.`,
        );
      }
      // Cost starts here.
      await act(id, 'launch', { repeatable: false, isSo: isLaunched });
    }
    return Object.fromEntries(group.units.map((unit) => [unit.key, `${id}/${textOf(tasks.get(unit.key)?.id) ?? ''}`]));
  }

  /** Posts the tasks that a project lacks. `doubled`: it has some of them twice. */
  async function fill(project: Json, group: Group) {
    const id = textOf(project.id);
    if (id === undefined) throw new VendorError('ambiguous', 'Surge AI made a project and did not say which.');
    const path = projectPath(id);
    const keys = new Set(group.units.map((unit) => unit.key));
    const listed = async () => {
      const tasks = (await pages(`${path}/tasks`, 'tasks')).filter((task) => keys.has(keyOf(task) ?? ''));
      return { doubled: tasks.length > byKey(tasks).size, tasks: byKey(tasks) };
    };
    let { doubled, tasks: there } = await listed();
    const missing = group.units.filter((unit) => !there.has(unit.key));
    for (const some of chunks(missing, TASKS_AT_ONCE)) {
      const body = { tasks: some.map(fieldsOf), launch: false };
      await http({ method: 'POST', path: `${path}/tasks/create_tasks`, body, repeatable: false });
    }
    if (missing.length > 0) ({ doubled, tasks: there } = await listed());
    const lost = group.units.filter((unit) => !there.has(unit.key));
    if (lost.length > 0) throw new VendorError('ambiguous', `Surge AI does not list ${lost.length} tasks yet.`);
    return { id, doubled, tasks: there };
  }

  const projectPath = (id: string) => `/projects/${encodeURIComponent(id)}`;
  const projectAt = async (id: string): Promise<Json> =>
    jsonOf(await http({ method: 'GET', path: projectPath(id), repeatable: true }));
  const statusOf = async (id: string) => statusIn(await projectAt(id));
  const isLaunched = (status: string | undefined) => !DRAFT.has(status);
  const isCancelled = (status: string | undefined) => status === 'canceled' || status === 'cancelled';
  const isOver = (status: string | undefined) => isCancelled(status) || status === 'completed';

  /**
   * Has a project launched or cancelled: by PUT, as its client does, or by POST, as older documents have it. It is refused
   * where an attempt whose answer was lost has done so: then the status says that it is.
   */
  async function act(
    id: string,
    what: 'launch' | 'cancel',
    { repeatable, isSo }: { repeatable: boolean; isSo: (status: string | undefined) => boolean },
  ): Promise<void> {
    const request = { path: `${projectPath(id)}/${what}`, repeatable, accept: REFUSED };
    const put = await http({ ...request, method: 'PUT' });
    const answer = NO_SUCH_ACT.includes(put.status) ? await http({ ...request, method: 'POST' }) : put;
    if (answer.status < 400 || isSo(await statusOf(id))) return;
    const said = http.excerpt(answer.text);
    throw new VendorError('permanent', `Surge AI did not ${what} the project ${id}: ${answer.status} ${said}`);
  }

  const projectsOf = (placement: Placement) => placesIn(placement, (place) => place.slice(0, place.indexOf('/')));

  async function withResponses(task: Json): Promise<Json> {
    const id = textOf(task.id);
    if (!isDone(task) || 'responses' in task || id === undefined) return task;
    return byItself(http, `/tasks/${encodeURIComponent(id)}`, task);
  }

  return {
    name: 'surge_ai',
    capabilities: {
      types: VENDOR_TYPES.surge_ai,
      news: callbackSecret === undefined ? 'poll' : 'webhook_and_poll',
      price: 'set_by_us',
      workersPaid: WORKERS_PAID.surge_ai,
      maxUnits: MAX_UNITS.surge_ai,
      maxAnswers: 25,
      cancels: 'order',
    },
    estimate: (order) =>
      flatEstimate(order, 'payment_per_response; what the platform charges beside it is not published'),

    submit: call('idempotent_by_key', async (order, { again }): Promise<Placement> => {
      const placed = await buyParts(groupsOf(order, kindOf), (group) => buyGroup(order, group, again));
      const [first = ''] = Object.values(placed.units);
      return { externalId: first.slice(0, first.indexOf('/')), ...placed };
    }),

    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      const units = new Map(order.units.map((unit) => [unit.key, unit]));
      return lookAround(projectsOf(placement), async (id) => {
        const found: FetchedUnit[] = [];
        const project = await projectAt(id);
        const seen = { cancelled: isCancelled(statusIn(project)), ...costOf(project) };
        for (const [key, task] of byKey(await pages(`${projectPath(id)}/tasks`, 'tasks'))) {
          const unit = units.get(key);
          if (unit) found.push(readTask(unit, await withResponses(task), seen));
        }
        return found;
      });
    }),

    /** There is no cancelling of single tasks. */
    cancel: call('idempotent_by_key', async (_order, placement) => {
      for (const [id] of projectsOf(placement)) {
        if (isOver(await statusOf(id))) continue;
        await act(id, 'cancel', { repeatable: true, isSo: isOver });
      }
    }),

    settle: call('idempotent_by_key', async () => 'unsupported' as const),
    bonusFeeMicros: () => 0n,
    bonus: call('at_most_once', async () => 'unsupported' as const),
    findBonus: call('read_only', async () => undefined),

    /** Not signed, and what it holds is not agreed upon: the same body is heeded once a minute. */
    parseWebhook({ path = '', body, nowMs }) {
      const key = path.slice(0, path.lastIndexOf('.'));
      if (callbackSecret === undefined || !sameSecret(path, pathOf(key, callbackSecret))) {
        throw new VendorError('permanent', 'The callback is not at the address that was asked for.');
      }
      return hint(`${key} ${Math.floor(nowMs / 60_000)} ${sha256(body)}`, [key]);
    },
  };
}

/** Tasks that can share a project: the same questions and the same number of answers. */
const kindOf = ({ answers, form: { questions, blocks } }: Unit) => [answers, blocks.length, questions.map(questionOf)];

function fieldsOf({ key, form }: Unit): Record<string, string> {
  return Object.fromEntries([
    ['_ext_id', key],
    ...form.blocks.flatMap(({ title, text }, at) => [
      // As they are: the template that shows them is what makes them safe.
      [`title_${at}`, title],
      [`text_${at}`, text],
    ]),
  ]) as Record<string, string>;
}

/** What an answer of a project costs, in dollars there; nothing where it does not say. */
function costOf({ payment_per_response }: Json): { costMicros?: bigint } {
  const usd = numberIn(payment_per_response);
  return usd === undefined || usd < 0 || usd > 1e6 ? {} : { costMicros: BigInt(Math.round(usd * 1e6)) };
}

const keyOf = (task: Json) => textOf(objectOf(task.fields)._ext_id);

function byKey(tasks: readonly Json[]): Map<string, Json> {
  const entries = tasks.flatMap((task): [string, Json][] => {
    const key = keyOf(task);
    return key === undefined ? [] : [[key, task]];
  });
  return new Map(entries);
}

/** Questions as Surge has them; `id` is null on create. Answers come back under `text`. */
function questionOf(question: FormQuestion): object {
  const { title, id: column_header } = question;
  const text = unbraced(title);
  const common = { id: null, text, required: !('optional' in question), column_header };
  switch (question.kind) {
    case 'choice':
      return { ...common, type: 'multiple_choice', options: labels(question.options), require_tiebreaker: false };
    case 'choices':
      return { ...common, type: 'checkbox', options: labels(question.options), require_tiebreaker: false };
    case 'number':
      return { ...common, type: 'multiple_choice', options: numbersOf(question), require_tiebreaker: false };
    case 'text':
      return { ...common, type: 'free_response' };
    case 'ranking':
      return { ...common, type: 'ranking', options: labels(question.options), allow_ranking_ties: question.ties };
    case 'spans':
      return {
        ...common,
        type: 'text_tagging',
        text: unbraced(question.text),
        options: labels(question.options),
        token_granularity: false,
        allow_overlapping_tags: question.overlap,
        require_tiebreaker: false,
      };
  }
}

const labels = (options: readonly Option[]) => options.map(({ label }) => unbraced(label));
