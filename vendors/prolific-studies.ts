import { VendorError } from './errors.ts';
import { type Http, jsonOf } from './http.ts';
import { createProlificBatches } from './prolific-batches.ts';
import { isDraft, statusOf } from './prolific-forms.ts';
import { CENT, type Group, type Json, pagesOf, requireReward, textOf, waitFor } from './shared.ts';
import { sha256 } from './signatures.ts';
import type { Order, Unit, VendorResponse } from './vendor.ts';

export interface StudyOptions {
  /** Where the batches are made; it must pay in US dollars. */
  readonly workspaceId: string;
  /** Where the studies are made and looked for; the account's usual project by default. */
  readonly projectId?: string;
  /** What the platform charges on top of a reward or bonus, in percent; 43 by default. */
  readonly feePercent?: number;
  /** What participants are told a task takes, in minutes; 1 by default. */
  readonly minutes?: number;
  /** Between looks at what Prolific makes ready; a second by default. */
  readonly everyMs?: number;
}

/** A study and the batch of tasks that it shows. */
export interface Study {
  readonly id: string;
  readonly batch: string;
}

/** How long one attempt waits for tasks to be read or made ready. */
const READY_MS = 30_000;
const PAGE = 100;

/** The studies of our orders: drafts, which are looked for by name, with a batch of tasks each, and their publishing. */
export function createProlificStudies(http: Http, options: StudyOptions) {
  const get = async (path: string, query?: Record<string, string | number>) =>
    jsonOf(await http({ method: 'GET', path, repeatable: true, ...(query ? { query } : {}) }));
  // Drafts, datasets and batches cost nothing, so making one again is harmless; studies are looked for beforehand.
  const post = (path: string, body: unknown, accept: readonly number[] = []) =>
    http({ method: 'POST', path, body, repeatable: true, accept });
  const wait = { everyMs: options.everyMs ?? 1000, forMs: READY_MS };
  const { feePercent = 43 } = options;
  const study = (id: string) => `/studies/${encodeURIComponent(id)}/`;
  const batches = createProlificBatches(http, { workspaceId: options.workspaceId, wait });

  const listAll = (path: string, query: Record<string, string>, may: readonly number[] = []) =>
    pagesOf(http, { path, names: ['results', 'responses'], query: { ...query, page_size: PAGE }, may });

  /** The study of this key with its batch: the one that was published, else the oldest draft. */
  async function findStudy(key: string): Promise<Study | undefined> {
    const mine = (await listStudies()).filter(({ internal_name }) => internal_name === key);
    const published = mine.filter((each) => !isDraft(statusOf(each)));
    if (published.length > 1) {
      throw new VendorError('permanent', `Prolific has ${published.length} published studies named ${key}.`);
    }
    const found = published[0] ?? mine[0];
    const id = textOf(found?.id);
    if (found === undefined || id === undefined) return undefined;
    const batch = textOf(found.data_collection_id) ?? (await statusFrom(id)).batch ?? (await batches.named(key));
    if (batch !== undefined) return { id, batch };
    // Another draft costs nothing; what was published does.
    if (published.length === 0) return undefined;
    throw new VendorError('permanent', `Prolific does not say which tasks the published study ${id} has.`);
  }

  /** Those of the project, which others may have made, and the caller's own, in another project perhaps. */
  async function listStudies(): Promise<Json[]> {
    const { projectId } = options;
    const path = `/projects/${encodeURIComponent(projectId ?? '')}/studies/`;
    const shared = projectId === undefined ? [] : await listAll(path, {}, [404]);
    const seen = new Set(shared.map(({ id }) => id));
    const all = [...shared, ...(await listAll('/studies/', {})).filter(({ id }) => !seen.has(id))];
    // A list may be shorter of words than a study by itself: one that was published must not be missed.
    const isWhole = (each: Json) => 'internal_name' in each && 'status' in each;
    return Promise.all(all.map((each) => (isWhole(each) ? each : get(study(textOf(each.id) ?? '')))));
  }

  async function draft(order: Order, group: Group): Promise<Study> {
    const reward = rewardMicros(order.priceMicros, feePercent);
    requireReward(reward, (CENT * withFee(feePercent)) / WHOLE);
    const { key, units } = group;
    const [{ answers }] = units;
    const batch = await batches.make(order, group);
    const body = {
      name: order.campaign.name,
      internal_name: key,
      description: order.instructions || order.campaign.name,
      data_collection_method: 'AI_TASK_BUILDER_BATCH',
      data_collection_id: batch,
      data_collection_metadata: { annotators_per_task: answers },
      prolific_id_option: 'not_required',
      completion_codes: [
        {
          code: sha256(key).slice(0, 8).toUpperCase(),
          code_type: 'COMPLETED',
          actions: [{ action: 'MANUALLY_REVIEW' }],
        },
      ],
      device_compatibility: ['desktop', 'tablet', 'mobile'],
      filters: [],
      submissions_config: { max_submissions_per_participant: units.length },
      estimated_completion_time: options.minutes ?? 1,
      reward: Number(reward / CENT),
      total_available_places: units.length * answers,
      ...(options.projectId === undefined ? {} : { project: options.projectId }),
    };
    const id = textOf(jsonOf(await http({ method: 'POST', path: '/studies/', body, repeatable: false })).id);
    if (id === undefined) throw new VendorError('ambiguous', 'Prolific made a study and did not say which.');
    return { id, batch };
  }

  async function publish({ id, batch }: Study): Promise<void> {
    if (!isDraft((await statusFrom(id)).status)) return;
    const path = `/data-collection/batches/${encodeURIComponent(batch)}/status`;
    const ready = await waitFor(async () => {
      const now = statusOf(await get(path));
      return now === 'READY' || now === 'ERROR' ? now : undefined;
    }, wait);
    if (ready === 'ERROR') throw new VendorError('permanent', `Prolific could not make the tasks of batch ${batch}.`);
    if (ready === undefined)
      throw new VendorError('retryable', `Prolific is still making the tasks of batch ${batch}.`);
    // Money is committed here. Refused for a study that was published by an attempt whose answer was lost: its status says.
    const answer = await post(`${study(id)}transition/`, { action: 'PUBLISH' }, [400, 409]);
    if (answer.status >= 400 && isDraft((await statusFrom(id)).status)) {
      throw new VendorError('permanent', `Prolific did not publish the study ${id}: ${http.excerpt(answer.text)}`);
    }
  }

  async function statusFrom(id: string) {
    const found = await get(study(id));
    return { status: statusOf(found), batch: textOf(found.data_collection_id), reward: found.reward };
  }

  /** What a reward in cents costs us, with the platform's fee on it; nothing where it is none. */
  function costOf(reward: unknown): Pick<VendorResponse, 'costMicros' | 'feeMicros'> {
    const cents = typeof reward === 'number' ? reward : Number(textOf(reward) || Number.NaN);
    if (!(cents >= 0 && cents < 1e9)) return {};
    const paid = BigInt(Math.round(cents * Number(CENT)));
    const costMicros = (paid * withFee(feePercent)) / WHOLE;
    return { costMicros, feeMicros: costMicros - paid };
  }

  /** What an answer costs us whose reward comes of a price. */
  const answerMicros = (priceMicros: bigint): bigint =>
    (rewardMicros(priceMicros, feePercent) * withFee(feePercent)) / WHOLE;

  /** What the platform charges on top of what it pays out. */
  const feeMicros = (micros: bigint): bigint => (micros * (withFee(feePercent) - WHOLE)) / WHOLE;

  return { get, post, study, listAll, findStudy, draft, publish, statusFrom, costOf, answerMicros, feeMicros };
}

/** Tasks that can share a batch: the same questions, titles of what is shown, and number of answers. */
export const kindOf = ({ answers, form: { questions, blocks } }: Unit) => [
  answers,
  blocks.map(({ title }) => title),
  questions,
];

const WHOLE = 10_000n;
/** A reward with the fee on it, in ten-thousandths of the reward. */
const withFee = (feePercent: number): bigint => BigInt(Math.round(10_000 + feePercent * 100));

/** What of a price is the participant's, in whole cents. */
function rewardMicros(priceMicros: bigint, feePercent: number): bigint {
  return ((priceMicros * WHOLE) / withFee(feePercent) / CENT) * CENT;
}
