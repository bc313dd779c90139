import { createHmac } from 'node:crypto';
import type { FormQuestion, Option } from '../../../domain/vendors/form.ts';
import { createProlific, type ProlificOptions } from '../../../vendors/prolific.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, answersOf, FakeServer, type Reply } from '../fake.ts';

interface Item {
  readonly id?: string;
  readonly type: string;
  readonly field?: string;
  readonly description?: string;
  readonly answer_limit?: number;
  readonly options?: Option[];
}

interface Batch {
  readonly id: string;
  readonly name: string;
  readonly dataset: Dataset;
  readonly batch_items: { rows: { columns: { items: Item[] }[] }[] }[];
  /** Looks at its status until it is ready. */
  looks: number;
}

interface Dataset {
  readonly id: string;
  readonly fields: Record<string, { type: string }>;
  readonly datapoints: Record<string, string>[];
  /** Whether it has read a file. */
  imported: boolean;
}

interface Submission {
  readonly id: string;
  readonly task: number;
  readonly participant_id: string;
  status: string;
  answers: { instruction_id: string; type: string; text?: string; answer?: { value: string }[] }[];
}

interface Study {
  readonly id: string;
  readonly internal_name: string;
  readonly batch: Batch;
  readonly places: number;
  readonly annotators: number;
  /** In cents. */
  readonly reward: number;
  status: 'UNPUBLISHED' | 'ACTIVE' | 'AWAITING REVIEW';
  readonly submissions: Submission[];
}

export interface ProlificBenchOptions extends BenchOptions {
  /** Only datasets that came as files are set up. */
  readonly needsFile?: true;
  /** There are no records at once, or no files. */
  readonly without?: 'records' | 'files';
  /** How a record is read; undefined goes on as usual. */
  readonly record?: (record: Record<string, string>) => 'refused' | undefined;
  /** What a study says of its tasks; its batch by default. */
  readonly echo?: 'nothing';
  /** Free texts as its client has them. */
  readonly texts?: true;
  /** Members of every submission. */
  readonly submission?: Record<string, unknown>;
  readonly adapter?: Partial<ProlificOptions>;
}

type Body = { readonly action?: string } | undefined;

const TOKEN = 'planted-prolific-token';
const SECRET = 'planted-prolific-webhook-secret';
const PAGE = 2;
const error = (status: number, text: string): Reply => ({ status, body: { error: { detail: text } } });

/** Prolific as its documents tell: nothing is idempotent but datapoints, transitions of submissions, and drafts are free. */
export async function prolificBench(
  options: ProlificBenchOptions = {},
): Promise<Bench & { submissions(): Submission[] }> {
  const datasets: Dataset[] = [];
  const batches: Batch[] = [];
  const studies: Study[] = [];
  const server = new FakeServer({
    faults: options.faults,
    // Files go to a storage, which knows no tokens.
    admit: ({ headers, path }) => {
      const wanted = path.startsWith('/files/') ? undefined : `Token ${TOKEN}`;
      return headers.authorization === wanted ? undefined : error(401, 'bad token');
    },
    answer,
  });
  const baseUrl = await server.start();
  const read = new Map<string, ReturnType<typeof append>>();

  function answer(asked: Asked): Reply {
    const { method, path, query, body, raw } = asked;
    const [, , , kind, ...rest] = path.split('/').map(decodeURIComponent);
    const given = (body ?? {}) as Record<string, unknown>;
    const paged = <T>(list: readonly T[]): Reply => {
      const from = (Number(query.get('page') ?? 1) - 1) * PAGE;
      return { status: 200, body: { results: list.slice(from, from + PAGE) } };
    };
    if (method === 'PUT' && path.startsWith('/files/')) return takeFile(path, raw);
    if (!path.startsWith('/api/v1/')) return error(404, 'not here');
    if (kind === 'data-collection') return collecting(method, rest, given, raw);
    if (kind === 'projects') return rest[0] === 'pr1' ? paged(studies.map(view)) : error(404, 'no such project');
    if (!path.endsWith('/')) return error(404, 'without a slash');
    const [id, action] = rest;
    if (kind === 'studies' && id === '')
      return method === 'GET' ? { status: 200, body: { results: studies.map(view) } } : draft(given as never);
    if (kind === 'submissions' && id === '' && method === 'GET') {
      const study = studies.find((each) => each.id === query.get('study'));
      const all = study?.submissions ?? [];
      const more = { time_taken: 30, reward: study?.reward, ...options.submission };
      return paged(all.map((each) => ({ ...shown(each), ...more })));
    }
    const study = studies.find((each) => each.id === id);
    if (kind === 'studies' && study && method === 'GET') return { status: 200, body: view(study) };
    if (kind === 'studies' && study && action === 'transition') return transition(study, String(given.action));
    const submission = studies.flatMap(({ submissions }) => submissions).find((each) => each.id === id);
    if (kind === 'submissions' && submission && method === 'GET') return { status: 200, body: shown(submission) };
    if (kind === 'submissions' && submission && action === 'transition') {
      const to = given.action === 'APPROVE' ? 'APPROVED' : 'REJECTED';
      if (to === 'REJECTED' && String(given.message).length < 100) return error(400, 'message is too short');
      if (submission.status !== 'AWAITING REVIEW' && submission.status !== to) return error(400, 'it is final');
      submission.status = to;
      return { status: 200, body: { id, status: to } };
    }
    return error(404, 'not here');
  }

  function collecting(method: string, rest: string[], given: Record<string, unknown>, raw: Buffer): Reply {
    const [what, id, action] = rest;
    if (what === 'datasets' && id === undefined) {
      const { fields } = given.schema as { fields: Record<string, { type: string }> };
      const dataset: Dataset = { id: `d${datasets.length}`, fields, datapoints: [], imported: false };
      datasets.push(dataset);
      return { status: 201, body: { id: dataset.id } };
    }
    const dataset = datasets.find((each) => each.id === id);
    if (what === 'datasets') return dataset ? fill(dataset, action, raw) : error(404, 'no such dataset');
    if (what === 'batches' && id === undefined && method === 'GET') {
      return { status: 200, body: { results: batches.map((each) => ({ id: each.id, name: each.name })) } };
    }
    if (what === 'batches' && id === undefined) return layOut(given as never);
    const batch = batches.find((each) => each.id === id);
    if (what !== 'batches' || !batch) return error(404, 'not here');
    if (method === 'POST' && action === 'setup') {
      const ready = batch.dataset.imported || !options.needsFile;
      return ready ? { status: 202 } : error(400, 'no import job with status complete');
    }
    if (action === 'status') return { status: 200, body: { status: batch.looks++ < 1 ? 'PROCESSING' : 'READY' } };
    if (action === 'responses') return { status: 200, body: { results: responsesOf(batch) } };
    return { status: 200, body: { id, status: 'READY', batch_items: batch.batch_items } };
  }

  function fill(dataset: Dataset, action: string | undefined, raw: Buffer): Reply {
    if (action === 'datapoints' && options.without !== 'records') return { status: 200, body: append(dataset, raw) };
    if (action === 'upload-url' && options.without !== 'files') {
      const upload_url = `${baseUrl}/files/${dataset.id}?signed=1`;
      return { status: 200, body: { upload_url, http_method: 'PUT', import_id: `i-${dataset.id}` } };
    }
    if (action !== 'imports') return error(404, 'not here');
    const { errors, ...counts } = read.get(dataset.id) ?? { errors: [], accepted_count: 0, rejected_count: 0 };
    if (errors.length > 0) return { status: 200, body: { status: 'partial', errors, ...counts } };
    return { status: 200, body: { status: dataset.imported ? 'complete' : 'processing', ...counts } };
  }

  /** Puts all good records into the dataset; an identical one is written once. */
  function append(dataset: Dataset, raw: Buffer) {
    const lines = raw.toString('utf8').split('\n').filter(Boolean);
    const records = lines.map((line) => JSON.parse(line) as Record<string, string>);
    const good = records.filter((record) => options.record?.(record) !== 'refused');
    for (const record of good) {
      const known = dataset.datapoints.some((each) => JSON.stringify(each) === JSON.stringify(record));
      if (!known) dataset.datapoints.push(record);
    }
    const errors = records.filter((each) => !good.includes(each)).map(() => ({ message: 'not of the schema' }));
    return { accepted_count: good.length, rejected_count: errors.length, errors };
  }

  function takeFile(path: string, raw: Buffer): Reply {
    const dataset = datasets.find(({ id }) => path.endsWith(`/${id}`));
    if (!dataset) return error(404, 'no such file');
    read.set(dataset.id, append(dataset, raw));
    dataset.imported = true;
    return { status: 200 };
  }

  function layOut(given: {
    name: string;
    workspace_id: string;
    dataset_id: string;
    task_details: { task_name: string; task_introduction: string; task_steps: string };
    batch_items: Batch['batch_items'];
  }): Reply {
    const { name, workspace_id, dataset_id, task_details, batch_items } = given;
    const dataset = datasets.find((each) => each.id === dataset_id);
    const { task_name, task_introduction, task_steps } = task_details;
    const complete = name && workspace_id && task_name && task_introduction && task_steps;
    if (!dataset || !complete) return error(400, 'the batch is not complete');
    // Introductions are HTML.
    if (/&(?![#\w]+;)|<(?!\/?\w+>)/.test(task_introduction)) return error(400, 'task_introduction is no HTML');
    const id = `b${batches.length}`;
    let n = 0;
    const named = (item: Item): Item => {
      if (item.type === 'dataset_field' && dataset.fields[item.field ?? '']?.type !== 'text')
        throw new Error('bad field');
      if ((item.answer_limit ?? 0) > (item.options?.length ?? 0)) throw new Error('answer_limit');
      return { ...item, id: `${id}-i${n++}` };
    };
    const pages = batch_items.map(({ rows }) => ({
      rows: rows.map(({ columns }) => ({ columns: columns.map(({ items }) => ({ items: items.map(named) })) })),
    }));
    batches.push({ id, name, dataset, batch_items: pages, looks: 0 });
    return { status: 201, body: { id, batch_items: pages } };
  }

  function draft(given: {
    name: string;
    description: string;
    data_collection_method: string;
    estimated_completion_time: number;
    completion_codes: { code: string; code_type: string; actions: { action: string }[] }[];
    internal_name: string;
    data_collection_id: string;
    data_collection_metadata: { annotators_per_task: number };
    total_available_places: number;
    reward: number;
  }): Reply {
    const batch = batches.find((each) => each.id === given.data_collection_id);
    const { name, description, data_collection_method: method, estimated_completion_time: minutes } = given;
    const codes = given.completion_codes.every(
      ({ code, code_type, actions }) => code && code_type && actions[0]?.action,
    );
    const complete = name && description && method === 'AI_TASK_BUILDER_BATCH' && minutes > 0 && codes;
    if (!batch || !complete || !Number.isInteger(given.reward)) return error(400, 'the study is not complete');
    const study: Study = {
      id: `s${studies.length}`,
      internal_name: given.internal_name,
      batch,
      places: given.total_available_places,
      annotators: given.data_collection_metadata.annotators_per_task,
      reward: given.reward,
      status: 'UNPUBLISHED',
      submissions: [],
    };
    // The newest first.
    studies.unshift(study);
    return { status: 201, body: view(study) };
  }

  function transition(study: Study, action: string): Reply {
    if (action === 'PUBLISH' && study.status !== 'UNPUBLISHED') return error(400, 'it is published');
    if (action === 'PUBLISH' && study.batch.looks < 2) return error(400, 'the batch is not ready');
    study.status = action === 'PUBLISH' ? 'ACTIVE' : 'AWAITING REVIEW';
    return { status: 200, body: view(study) };
  }

  const view = ({ id, internal_name, batch, status, places, reward }: Study) => {
    const echo = options.echo === 'nothing' ? {} : { data_collection_id: batch.id };
    return { id, internal_name, ...echo, status, total_available_places: places, reward };
  };
  const shown = ({ answers: _, task: __, ...rest }: Submission) => rest;
  const unitOf = (study: Study, task: number) => study.batch.dataset.datapoints[task]?.quorate_unit ?? '';
  const itemsOf = (batch: Batch) =>
    batch.batch_items.flatMap(({ rows }) => rows.flatMap(({ columns }) => columns.flatMap(({ items }) => items)));

  function responsesOf(batch: Batch) {
    return studies
      .filter((study) => study.batch === batch)
      .flatMap((study) =>
        study.submissions.flatMap((submission) =>
          submission.answers.map((response, at) => ({
            id: `${submission.id}-${at}`,
            batch_id: batch.id,
            participant_id: submission.participant_id,
            task_id: `t${submission.task}`,
            submission_id: submission.id,
            metadata: { quorate_unit: unitOf(study, submission.task) },
            response,
          })),
        ),
      );
  }

  function fillIn(batch: Batch, seed: string): Submission['answers'] {
    let place = 0;
    return itemsOf(batch).flatMap(
      ({ id = '', type, description = '', answer_limit = 1, options: choices = [] }): Submission['answers'] => {
        const head = { id: 'q', title: '' };
        if (type === 'free_text') {
          const form: FormQuestion = { ...head, kind: 'text', minLength: 1, maxLength: 100 };
          const text = String(answersOf([form], `${seed} ${id}`).q);
          return [{ instruction_id: id, type, ...(options.texts ? { text } : { answer: [{ value: text }] }) }];
        }
        if (type !== 'multiple_choice') return [];
        const ranked = description.includes('Place of');
        const form: FormQuestion = { ...head, kind: answer_limit > 1 ? 'choices' : 'choice', options: choices };
        const value = ranked ? `${++place}` : answersOf([form], `${seed} ${id}`).q;
        return [{ instruction_id: id, type, answer: [value].flat().map((each) => ({ value: String(each) })) }];
      },
    );
  }

  const published = () => studies.filter(({ status }) => status !== 'UNPUBLISHED');
  const bought = () => published().flatMap((study) => study.batch.dataset.datapoints.map((row) => ({ study, row })));
  return {
    vendor: createProlific({
      baseUrl,
      token: TOKEN,
      workspaceId: 'w1',
      webhookSecret: SECRET,
      timeoutMs: options.timeoutMs ?? 2000,
      everyMs: 5,
      ...options.adapter,
    }),
    submissions: () => studies.flatMap(({ submissions }) => submissions),
    asked: server.asked,
    env: {
      ...{ PROLIFIC_BASE_URL: baseUrl, PROLIFIC_TOKEN: TOKEN, PROLIFIC_WORKSPACE_ID: 'w1' },
      PROLIFIC_WEBHOOK_SECRET: SECRET,
    },
    secrets: [TOKEN, SECRET],
    showsPartial: true,
    cancelsStarted: true,
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const study of studies) {
        if (amend) for (const each of study.submissions) each.answers = fillIn(study.batch, `${each.id} again`);
        if (amend || study.status !== 'ACTIVE') continue;
        for (const task of study.batch.dataset.datapoints.keys()) {
          if (part && task % 2 > 0) continue;
          const given = () => study.submissions.filter((each) => each.task === task).length;
          for (let n = 0; n < workers && given() < study.annotators; n++) {
            const id = `${study.id}-${task}-${given()}`;
            const participant_id = `pid${given()}`;
            const answers = fillIn(study.batch, id);
            study.submissions.push({ id, task, participant_id, status: 'AWAITING REVIEW', answers });
          }
        }
      }
    },
    purchases: (key) => bought().filter(({ row }) => row.quorate_unit === key).length,
    allPurchases: () => bought().length,
    accepts: () =>
      server.asked.filter(({ path, body }) => path.endsWith('/transition/') && (body as Body)?.action === 'APPROVE')
        .length,
    takeBack(id) {
      for (const { submissions } of studies)
        for (const each of submissions) if (each.id === id) each.status = 'RETURNED';
    },
    isCancelled: (key) =>
      bought().some(({ study, row }) => row.quorate_unit === key && study.status === 'AWAITING REVIEW'),
    webhook(_order, placement, event = 'event-1') {
      // Once there are submissions, of one of these, as documented: it does not say of which study.
      const [submission] = studies
        .filter(({ id }) => id === placement.externalId)
        .flatMap((study) => study.submissions);
      const said = submission
        ? {
            ...{ event_type: 'submission.status.change', resource_id: submission.id },
            ...{ participant_id: submission.participant_id, status: submission.status },
          }
        : { event_type: 'study.status.change', resource_id: placement.externalId, status: 'ACTIVE' };
      const body = Buffer.from(JSON.stringify(said));
      const at = `${Math.floor(Date.now() / 1000)}`;
      const signed = createHmac('sha256', SECRET).update(at).update(body).digest('base64');
      const headers = {
        'x-prolific-request-signature': signed,
        'x-prolific-request-timestamp': at,
        'x-event-id': event,
      };
      return { headers, body };
    },
    stop: () => server.stop(),
  };
}
