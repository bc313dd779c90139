import { createHmac } from 'node:crypto';
import type { FormQuestion, Option } from '../../../domain/vendors/form.ts';
import { createProlific } from '../../../vendors/prolific.ts';
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
  readonly dataset: Dataset;
  readonly batch_items: { rows: { columns: { items: Item[] }[] }[] }[];
  /** Looks at its status until it is ready. */
  looks: number;
}

interface Dataset {
  readonly id: string;
  readonly fields: Record<string, { type: string }>;
  readonly datapoints: Record<string, string>[];
}

interface Submission {
  readonly id: string;
  readonly task: number;
  readonly participant_id: string;
  status: 'AWAITING REVIEW' | 'APPROVED' | 'REJECTED' | 'RETURNED';
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

type Body = { readonly action?: string } | undefined;

const TOKEN = 'planted-prolific-token';
const SECRET = 'planted-prolific-webhook-secret';
const PAGE = 2;
const error = (status: number, text: string): Reply => ({ status, body: { error: { detail: text } } });

/** Prolific as its documents tell: nothing is idempotent but datapoints, transitions of submissions, and drafts are free. */
export async function prolificBench(options: BenchOptions = {}): Promise<Bench> {
  const datasets: Dataset[] = [];
  const batches: Batch[] = [];
  const studies: Study[] = [];
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers }) => (headers.authorization === `Token ${TOKEN}` ? undefined : error(401, 'bad token')),
    answer,
  });
  const baseUrl = await server.start();

  function answer(asked: Asked): Reply {
    const { method, path, query, body, raw } = asked;
    const [, , , kind, ...rest] = path.split('/').map(decodeURIComponent);
    const given = (body ?? {}) as Record<string, unknown>;
    const paged = <T>(list: readonly T[]): Reply => {
      const from = (Number(query.get('page') ?? 1) - 1) * PAGE;
      return { status: 200, body: { results: list.slice(from, from + PAGE) } };
    };
    if (!path.startsWith('/api/v1/')) return error(404, 'not here');
    if (kind === 'data-collection') return collecting(method, rest, given, raw);
    if (!path.endsWith('/')) return error(404, 'without a slash');
    const [id, action] = rest;
    if (kind === 'studies' && id === '') return method === 'GET' ? paged(studies.map(view)) : draft(given as never);
    if (kind === 'submissions' && id === '' && method === 'GET') {
      const study = studies.find((each) => each.id === query.get('study'));
      return paged(study?.submissions.map((each) => ({ ...shown(each), time_taken: 30, reward: study.reward })) ?? []);
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
      const dataset: Dataset = { id: `d${datasets.length}`, fields, datapoints: [] };
      datasets.push(dataset);
      return { status: 201, body: { id: dataset.id } };
    }
    if (what === 'datasets' && action === 'datapoints')
      return append(
        datasets.find((each) => each.id === id),
        raw,
      );
    if (what === 'batches' && id === undefined) return layOut(given as never);
    const batch = batches.find((each) => each.id === id);
    if (what !== 'batches' || !batch) return error(404, 'not here');
    if (method === 'POST' && action === 'setup') return { status: 202, body: {} };
    if (action === 'status') return { status: 200, body: { status: batch.looks++ < 1 ? 'PROCESSING' : 'READY' } };
    if (action === 'responses') return { status: 200, body: { results: responsesOf(batch) } };
    return { status: 200, body: { id, status: 'READY', batch_items: batch.batch_items } };
  }

  function append(dataset: Dataset | undefined, raw: Buffer): Reply {
    if (!dataset) return error(404, 'no such dataset');
    for (const line of raw.toString('utf8').split('\n').filter(Boolean)) {
      if (!dataset.datapoints.some((known) => JSON.stringify(known) === line)) {
        dataset.datapoints.push(JSON.parse(line) as Record<string, string>);
      }
    }
    return { status: 200, body: { accepted_count: dataset.datapoints.length } };
  }

  function layOut({ dataset_id, batch_items }: { dataset_id: string; batch_items: Batch['batch_items'] }): Reply {
    const dataset = datasets.find((each) => each.id === dataset_id);
    if (!dataset) return error(400, 'no such dataset');
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
    batches.push({ id, dataset, batch_items: pages, looks: 0 });
    return { status: 201, body: { id, batch_items: pages } };
  }

  function draft(given: {
    internal_name: string;
    data_collection_id: string;
    data_collection_metadata: { annotators_per_task: number };
    total_available_places: number;
    reward: number;
  }): Reply {
    const batch = batches.find((each) => each.id === given.data_collection_id);
    if (!batch || !Number.isInteger(given.reward)) return error(400, 'the study is not complete');
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
    return { id, internal_name, data_collection_id: batch.id, status, total_available_places: places, reward };
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
          return [{ instruction_id: id, type, text: String(answersOf([form], `${seed} ${id}`).q) }];
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
    }),
    asked: server.asked,
    secrets: [TOKEN, SECRET],
    showsPartial: true,
    cancelsStarted: true,
    work({ workers = 1, amend = false } = {}) {
      for (const study of studies) {
        if (amend) for (const each of study.submissions) each.answers = fillIn(study.batch, `${each.id} again`);
        if (amend || study.status !== 'ACTIVE') continue;
        for (const task of study.batch.dataset.datapoints.keys()) {
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
    webhook(_order, placement) {
      const body = Buffer.from(
        JSON.stringify({ event_type: 'study.status.change', resource_id: placement.externalId, status: 'ACTIVE' }),
      );
      const at = `${Math.floor(Date.now() / 1000)}`;
      const signed = createHmac('sha256', SECRET).update(at).update(body).digest('base64');
      const headers = {
        'x-prolific-request-signature': signed,
        'x-prolific-request-timestamp': at,
        'x-event-id': 'event-1',
      };
      return { headers, body };
    },
    stop: () => server.stop(),
  };
}
