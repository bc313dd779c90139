import { VendorError } from './errors.ts';
import { type Http, jsonOf } from './http.ts';
import { batchItemsOf, statusOf } from './prolific-forms.ts';
import { escaped, type Group, listOf, numberIn, objectOf, pagesOf, textOf, waitFor } from './shared.ts';
import type { Order, Unit } from './vendor.ts';

const ENDED: ReadonlySet<string> = new Set(['COMPLETE', 'PARTIAL', 'FAILED', 'PENDING SCHEMA', 'READY', 'ERROR']);

/**
 * The tasks of our studies: a dataset with a record for each and a batch that shows them, neither of which costs anything,
 * so that another attempt may make them again.
 */
export function createProlificBatches(
  http: Http,
  options: { readonly workspaceId: string; readonly wait: { readonly everyMs: number; readonly forMs: number } },
) {
  const { workspaceId: workspace_id, wait } = options;
  const get = (path: string, accept: readonly number[] = []) => http({ method: 'GET', path, repeatable: true, accept });
  const post = (path: string, body: unknown, accept: readonly number[] = []) =>
    http({ method: 'POST', path, body, repeatable: true, accept });
  const datasetPath = (id: string) => `/data-collection/datasets/${encodeURIComponent(id)}`;

  /** All tasks at once, as records that are read at once; false where the server does not do that. */
  async function append(dataset: string, units: readonly Unit[]): Promise<boolean> {
    const answer = await http({
      method: 'POST',
      path: `${datasetPath(dataset)}/datapoints`,
      body: linesOf(units),
      headers: { 'content-type': JSON_LINES },
      // An identical record is not written twice.
      repeatable: true,
      accept: [404, 405, 409],
    });
    if (answer.status === 409) throw new VendorError('retryable', 'Prolific is still reading the tasks.');
    if (answer.status >= 400) return false;
    insistOnAll(answer.json, units.length, http);
    return true;
  }

  /** All tasks as a file, which is read some time after; false where the server does not do that. */
  async function uploadFile(dataset: string, units: readonly Unit[]): Promise<boolean> {
    const asked = await get(`${datasetPath(dataset)}/upload-url/tasks.jsonl`, [404, 405]);
    if (asked.status >= 400) return false;
    const { upload_url, import_id, content_type } = jsonOf(asked);
    const path = textOf(upload_url);
    if (path === undefined) throw new VendorError('retryable', 'Prolific does not say where tasks are uploaded.');
    const headers = { 'content-type': textOf(content_type) ?? JSON_LINES };
    await http({ method: 'PUT', path, body: linesOf(units), headers, repeatable: true });
    const id = textOf(import_id);
    const status = `${datasetPath(dataset)}/${id === undefined ? 'status' : `imports/${encodeURIComponent(id)}`}`;
    const ended = await waitFor(async () => {
      const now = jsonOf(await get(status));
      return ENDED.has(statusOf(now)) ? now : undefined;
    }, wait);
    if (ended === undefined) throw new VendorError('retryable', 'Prolific is still reading the tasks.');
    if (!['COMPLETE', 'READY'].includes(statusOf(ended))) {
      const why = textOf(ended.reason) ?? JSON.stringify(listOf(ended.errors)[0] ?? statusOf(ended));
      throw new VendorError('permanent', `Prolific could not read all tasks: ${http.excerpt(why)}`);
    }
    insistOnAll(ended, units.length, http);
    return true;
  }

  /** A batch with its tasks under way, or why it was refused: a server may set up only what came as a file. */
  async function attempt(
    order: Order,
    { key, units }: Group,
    fill: typeof append,
  ): Promise<{ batch?: string; refused?: string }> {
    const [first] = units;
    const fields = Object.fromEntries(
      first.form.blocks.map(({ title }, at) => [`text_${at}`, { type: 'text', label: title }]),
    );
    const schema = { strict: false, fields: { ...fields, quorate_unit: { type: 'metadata' } } };
    const dataset = textOf(jsonOf(await post('/data-collection/datasets', { name: key, workspace_id, schema })).id);
    if (dataset === undefined) throw new VendorError('retryable', 'Prolific made a dataset and did not say which.');
    if (!(await fill(dataset, units))) return {};
    const details = {
      task_name: order.campaign.name,
      // HTML there.
      task_introduction: escaped(order.instructions || order.campaign.name),
      task_steps: 'Read what is shown, then answer every question.',
    };
    const items = { batch_items: batchItemsOf(order.instructions, first.form) };
    const body = { name: key, workspace_id, dataset_id: dataset, task_details: details, ...items };
    const batch = textOf(jsonOf(await post('/data-collection/batches', body)).id);
    if (batch === undefined) throw new VendorError('retryable', 'Prolific made a batch and did not say which.');
    const path = `/data-collection/batches/${encodeURIComponent(batch)}/setup`;
    const answer = await post(path, { dataset_id: dataset, tasks_per_group: 1 }, [400, 409]);
    if (answer.status === 409) throw new VendorError('retryable', 'Prolific is still reading the tasks.');
    return answer.status === 400 ? { refused: http.excerpt(answer.text) } : { batch };
  }

  async function make(order: Order, group: Group): Promise<string> {
    const first = await attempt(order, group, append);
    if (first.batch !== undefined) return first.batch;
    const second = await attempt(order, group, uploadFile);
    if (second.batch !== undefined) return second.batch;
    const why = second.refused ?? first.refused ?? 'it takes no tasks.';
    throw new VendorError('permanent', `Prolific did not set up the tasks of ${group.key}: ${why}`);
  }

  /** The batch of this name, if there is one alone. */
  async function named(key: string): Promise<string | undefined> {
    const list = { path: '/data-collection/batches', names: ['results'], query: { workspace_id }, may: [404, 405] };
    const [only, ...others] = (await pagesOf(http, list)).filter(({ name }) => name === key);
    return others.length > 0 ? undefined : textOf(only?.id);
  }

  return { make, named };
}

const JSON_LINES = 'application/x-ndjson';
const linesOf = (units: readonly Unit[]) => units.map((unit) => `${JSON.stringify(datapointOf(unit))}\n`).join('');

function datapointOf({ key, form }: Unit): Record<string, string> {
  return { ...Object.fromEntries(form.blocks.map(({ text }, at) => [`text_${at}`, text])), quorate_unit: key };
}

/** A task that was refused is shown to nobody, and would have been paid for a place. */
function insistOnAll(said: unknown, wanted: number, { excerpt }: Http): void {
  const { accepted_count, rejected_count, errors } = objectOf(said);
  const rejected = Math.max(numberIn(rejected_count) ?? 0, listOf(errors).length);
  if (rejected > 0) {
    const why = excerpt(JSON.stringify(listOf(errors)[0] ?? 'it does not say why'));
    throw new VendorError('permanent', `Prolific refused ${rejected} of ${wanted} tasks: ${why}`);
  }
  const accepted = numberIn(accepted_count);
  if (accepted !== undefined && accepted < wanted) {
    throw new VendorError('retryable', `Prolific read ${accepted} of ${wanted} tasks.`);
  }
}
