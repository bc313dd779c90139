import { createHmac } from 'node:crypto';
import { MAX_PROJECT_TEXT, projectText, VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import { markingIn } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { hostIn } from './http.ts';
import { readRow } from './labelbox-forms.ts';
import { createLabelboxApi } from './labelbox-graphql.ts';
import { createLabelboxOperations } from './labelbox-operations.ts';
import type { Counting } from './marks.ts';
import {
  buyParts,
  flatEstimate,
  type Group,
  groupsOf,
  hint,
  type Json,
  jsonFrom,
  listOf,
  lookAround,
  lowerCased,
  mentionsIn,
  numberIn,
  placesIn,
  textOf,
} from './shared.ts';
import { sameSecret, sha256 } from './signatures.ts';
import { call, type FetchedUnit, type Order, type Placement, type Unit, type Vendor } from './vendor.ts';

export interface LabelboxOptions {
  /** `https://api.labelbox.com` by default. */
  readonly baseUrl?: string;
  readonly apiKey: string;
  /** Of the workspace's webhook; without it no webhook is believed. */
  readonly webhookSecret?: string;
  /** Further hosts that exports may be downloaded from: `files.example`, `files.example:8443`, or an address there. */
  readonly hosts?: readonly string[];
  /** Whether a mark's end is its last character, as by default, where the mark does not say its text. */
  readonly spanEnd?: Counting['end'];
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
  /** Between looks at what Labelbox makes ready; two seconds by default. */
  readonly everyMs?: number;
  /** A row that an export lacks was taken out of its batch, if the batch is older than this; ten minutes by default. */
  readonly lagMs?: number;
  readonly nowMs?: () => number;
}

/** Where the tasks of a group are, and why some of them are not. */
interface Bought {
  readonly place: string;
  readonly refused: ReadonlyMap<string, string>;
}

/** How long one attempt waits for one thing that Labelbox makes ready. */
const READY_MS = 60_000;

/**
 * Labelbox, where every step takes its time: a project with an ontology, rows under our global keys, and, when these are
 * ready, one batch of them, which is when work begins. Projects and datasets are looked for by name, a row or batch whose
 * name is taken counts as there. Questions belong to a project, so each order has its own.
 */
export function createLabelbox(options: LabelboxOptions): Vendor {
  const { webhookSecret } = options;
  const api = createLabelboxApi({
    baseUrl: (options.baseUrl ?? 'https://api.labelbox.com').replace(/\/+(graphql\/?)?$/, ''),
    apiKey: options.apiKey,
    secrets: [webhookSecret ?? ''],
    hosts: [...STORAGE, ...(options.hosts ?? []).map((host) => hostIn(host, 'LABELBOX_FILE_HOSTS'))],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const nowMs = options.nowMs ?? (() => Date.now());
  const at = createLabelboxOperations(api, { everyMs: options.everyMs ?? 2000, forMs: READY_MS, nowMs });
  const counting: Counting = { unit: 'code_points', end: options.spanEnd ?? 'inclusive' };
  async function buy(order: Order, group: Group, again: boolean): Promise<Bought> {
    const name = group.key;
    const { campaign, instructions } = order;
    const description = projectText(campaign.name, instructions);
    // What a description has no room for is shown with each task; a text to mark must stay alone.
    const isLong = description.length > MAX_PROJECT_TEXT;
    if (isLong && group.units.some(({ form }) => markingIn(form) !== undefined)) {
      const most = `${MAX_PROJECT_TEXT} characters together at Labelbox where text is marked`;
      throw new VendorError('permanent', `Name and instructions may have ${most}; shorten them.`);
    }
    const project =
      (again ? await at.findProject(name) : undefined) ??
      (await at.createProject(name, description.slice(0, MAX_PROJECT_TEXT), group.units[0].answers));
    const known = again ? textOf((await at.batchIn(project, name))?.id) : undefined;
    if (known !== undefined) return { place: `${project}/${known}`, refused: new Map() };
    await at.setUp(project, group);
    const dataset = (again ? (await at.named('Dataset', name))[0] : undefined) ?? (await at.createDataset(name));
    const refused = await at.addRows(dataset, group.units, isLong ? instructions : '');
    const [first = group.units[0], ...others] = group.units.filter(({ key }) => !refused.has(key));
    const taken: Group = { ...group, units: [first, ...others] };
    await at.processed(taken.units);
    return { place: `${project}/${await at.startBatch(project, taken)}`, refused };
  }

  return {
    name: 'labelbox',
    capabilities: {
      types: VENDOR_TYPES.labelbox,
      news: webhookSecret === undefined ? 'poll' : 'webhook_and_poll',
      price: 'contract',
      workersPaid: WORKERS_PAID.labelbox,
      maxUnits: MAX_UNITS.labelbox,
      maxAnswers: 25,
      cancels: 'order',
    },
    estimate: (order) => flatEstimate(order, 'your contract’s price, as set for the campaign: Labelbox tells none'),

    submit: call('idempotent_by_key', async (order, { again }): Promise<Placement> => {
      let why: string | undefined;
      const placed = await buyParts(groupsOf(order, kindOf), async (group) => {
        const { place, refused } = await buy(order, group, again);
        for (const each of refused.values()) why ??= `Labelbox refused a row: ${each}`;
        return Object.fromEntries(group.units.flatMap(({ key }) => (refused.has(key) ? [] : [[key, place]])));
      });
      const externalId = (Object.values(placed.units)[0] ?? '').split('/')[0] ?? '';
      return { externalId, ...(why === undefined ? {} : { refused: why }), ...placed };
    }),

    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      return lookAround(placesIn(placement), async (place, keys) => {
        const [project, batch] = partsOf(place);
        const { createdAt, size } = (await at.batchesOf(project)).find(({ id }) => id === batch) ?? {};
        const isOld = nowMs() - Date.parse(textOf(createdAt) ?? '') > (options.lagMs ?? 10 * 60_000);
        const rows = await at.exported(project);
        const units = order.units.filter(({ key }) => keys.includes(key));
        const state = isOld && isWhole(units, rows, numberIn(size)) ? 'cancelled' : 'open';
        const gone = state === 'open' ? {} : { reason: 'its row is not in its batch' };
        return units.map((unit): FetchedUnit => {
          const row = rows.get(unit.key);
          return row ? readRow(unit, row, counting) : { key: unit.key, state, ...gone, responses: [] };
        });
      });
    }),

    /** Takes the rows out that nobody has labeled; what is begun is finished. */
    cancel: call('idempotent_by_key', async (_order, placement) => {
      for (const [place] of placesIn(placement)) await at.empty(...partsOf(place));
    }),

    settle: call('idempotent_by_key', async () => 'unsupported' as const),
    bonusFeeMicros: () => 0n,
    bonus: call('at_most_once', async () => 'unsupported' as const),
    findBonus: call('read_only', async () => undefined),

    /** Its signature covers no time, so a repeat is known by the delivery's id alone. */
    parseWebhook({ headers: given, body }) {
      if (webhookSecret === undefined) throw new VendorError('permanent', 'No webhook secret is set.');
      const headers = lowerCased(given);
      const signed = `sha1=${createHmac('sha1', webhookSecret).update(body).digest('hex')}`;
      if (!sameSecret(headers['x-hub-signature'], signed)) {
        throw new VendorError('permanent', 'The webhook’s signature is not right.');
      }
      const names = ['id', 'globalKey', 'global_key', 'projectId', 'project_id'];
      return hint(headers['x-labelbox-id'] ?? sha256(body), mentionsIn(jsonFrom(body), names));
    },
  };
}

/** Where exports are kept, as far as the official client's answers show; further ones can be set. */
const STORAGE = ['storage.googleapis.com', 'storage.labelbox.com'];

/**
 * Whether an export has all rows there are, so that one it lacks was taken out of the batch: it has as many as the batch, or
 * one that nobody has labeled. One with labeled rows alone, or without any, does not say what became of the others.
 */
function isWhole(units: readonly Unit[], rows: ReadonlyMap<string, Json>, size: number | undefined): boolean {
  const there = units.flatMap(({ key }): Json[] => {
    const row = rows.get(key);
    return row ? [row] : [];
  });
  if (there.some((row) => listOf(row.labels).length === 0)) return true;
  return size === undefined ? there.length > 0 : there.length >= size;
}

/** Tasks that can share a project: the same questions and number of answers. The text to mark is no part of these. */
const kindOf = ({ answers, form: { questions } }: Unit) => [
  answers,
  questions.map((question) => (question.kind === 'spans' ? { ...question, text: '' } : question)),
];

function partsOf(place: string): [project: string, batch: string] {
  const [project = '', batch = ''] = place.split('/');
  return [project, batch];
}
