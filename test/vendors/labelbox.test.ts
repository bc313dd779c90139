import { afterEach, describe, expect, test } from 'vitest';
import { VendorError } from '../../vendors/errors.ts';
import { loadVendors } from '../../vendors/registry.ts';
import type { Bench } from './bench.ts';
import { FakeServer, type Reply } from './fake.ts';
import { createChecker } from './fakes/graphql.ts';
import { type LabelboxBenchOptions, labelboxBench } from './fakes/labelbox.ts';
import { LABELBOX_SCHEMA } from './fakes/labelbox-schema.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(options: LabelboxBenchOptions = {}): Promise<Bench> {
  const bench = await labelboxBench(options);
  stops.push(bench.stop);
  return bench;
}

/** An order that was bought and fully answered, as it is fetched. */
async function fetched(options: LabelboxBenchOptions, type: Parameters<typeof orderOf>[0] = 'classification') {
  const bench = await start(options);
  const order = orderOf(type, { units: 1, answers: 2 });
  const placement = await bench.vendor.submit(order, { again: false });
  bench.work({ workers: 2 });
  const [unit] = await bench.vendor.fetch(order, placement);
  return unit;
}

const sent = ({ asked }: Bench, operation: string) =>
  asked.flatMap(({ body }) => {
    const { query, variables } = (body ?? {}) as { query?: string; variables?: Record<string, unknown> };
    return query?.includes(operation) ? [variables] : [];
  });

test('the fake refuses what a schema refuses', () => {
  const fault = createChecker(LABELBOX_SCHEMA);
  const batch = (type: string, field = 'input') =>
    `mutation B($projectId: ID!, $b: ${type}) { project(where: {id: $projectId}) { createBatchV2(${field}: $b) { batch { id } } } }`;
  const b = { name: 'n', dataRowIds: [], priority: 3 };
  expect(fault(batch('CreateBatchInput!'), { projectId: 'p', b })).toBeUndefined();
  for (const [query, variables] of [
    [batch('CreateBatchV2Input!'), { projectId: 'p', b }],
    [batch('CreateBatchInput!'), { projectId: 'p', b: { ...b, rows: [] } }],
    [batch('CreateBatchInput!'), { projectId: 'p', b: { ...b, priority: '3' } }],
    [batch('CreateBatchInput!'), { b }],
    [batch('CreateBatchInput!', 'data'), { projectId: 'p', b }],
    ['mutation C($data: ProjectCreateInput!) { createProject(data: $data) { id } }', { data: { name: 'n' } }],
    ['query P { projects(where: {name: "n"}) { id title } }', {}],
    ['query P { projects(where: {name: "n"}) }', {}],
    ['query P { projects { id ', {}],
  ] as const) {
    expect([query, typeof fault(query, variables)]).toEqual([query, 'string']);
  }
});

describe('setting up', () => {
  test('how many labels a row gets is said when the project is made, and for several by the batch, too', async () => {
    const bench = await start();
    for (const answers of [1, 3]) {
      await bench.vendor.submit(orderOf('classification', { key: `k${answers}`, answers }), { again: false });
    }
    expect(sent(bench, 'createProject')).toEqual([
      expect.objectContaining({ autoAuditNumberOfLabels: 1, isBenchmarkEnabled: true, isConsensusEnabled: false }),
      expect.objectContaining({ autoAuditNumberOfLabels: 3, isBenchmarkEnabled: false, isConsensusEnabled: true }),
    ]);
    expect(sent(bench, 'createBatchV2').map((given) => given?.batchInput)).toEqual([
      expect.objectContaining({ consensusSettings: null }),
      expect.objectContaining({ consensusSettings: { numberOfLabels: 3, coveragePercentage: 1 } }),
    ]);
  });

  test('a server whose projects have an editor by themselves refuses those steps, and the order goes on', async () => {
    const bench = await start({ editorsByThemselves: true });
    const order = orderOf('classification');
    const placement = await bench.vendor.submit(order, { again: false });
    expect(Object.keys(placement.units)).toHaveLength(2);
    expect(sent(bench, 'setupComplete')).toHaveLength(1);
  });

  test('a server with one endpoint is asked there, and elsewhere once', async () => {
    const bench = await start({ oneEndpoint: true });
    const order = orderOf('classification', { units: 1 });
    const placement = await bench.vendor.submit(order, { again: false });
    expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
    bench.work({ workers: 2 });
    expect((await bench.vendor.fetch(order, placement))[0]?.state).toBe('done');
    await bench.vendor.cancel(order, placement, []);
    expect(bench.asked.filter(({ path }) => path === '/_gql')).toHaveLength(1);
    expect(bench.allPurchases()).toBe(1);
  });

  test.each([
    [200, 'beside no data', { message: 'You have exceeded your rate limit of 1500.' }],
    [400, 'alone', { message: 'You have exceeded your rate limit of 1500.' }],
    [403, 'with a status of its own', { message: 'You have exceeded your rate limit of 1500.' }],
    [200, 'as an error', { errors: [{ message: 'You have exceeded your rate limit of 1500.' }], data: null }],
  ])('too many requests, told with %i and %s, made nothing and pass', async (status, _how, body) => {
    const instead = (_: unknown, query: string): Reply | undefined =>
      query.includes('createProject') ? { status, body } : undefined;
    const bench = await start({ instead });
    const submit = bench.vendor.submit(orderOf('classification'), { again: false });
    await expect(submit).rejects.toMatchObject({ kind: 'retryable', status: 429 });
  });

  test.each([
    ['a resolver that failed', 200, { message: 'oops', extensions: { code: 'INTERNAL_SERVER_ERROR' } }, 'ambiguous'],
    ['a bad variable', 200, { message: 'no', extensions: { code: 'BAD_USER_INPUT' } }, 'permanent'],
    ['a document that does not fit, without a code', 400, { message: 'Unknown type "X".' }, 'permanent'],
    ['a key that is not good', 200, { message: 'no', extensions: { code: 'UNAUTHENTICATED' } }, 'permanent'],
  ])('%s', async (_what, status, error, kind) => {
    const instead = (_: unknown, query: string): Reply | undefined =>
      query.includes('createProject') ? { status, body: { errors: [error], data: null } } : undefined;
    const bench = await start({ instead });
    await expect(bench.vendor.submit(orderOf('classification'), { again: false })).rejects.toMatchObject({ kind });
  });
});

describe('batches', () => {
  test('a row that is left out gets no answers, and the others are labeled', async () => {
    const bench = await start({ leavesOut: (key) => key.endsWith('unit-1') });
    const order = orderOf('classification', { units: 3, answers: 1 });
    const placement = await bench.vendor.submit(order, { again: false });
    expect(placement.refused).toBeUndefined();
    expect(bench.allPurchases()).toBe(2);
    bench.work();
    const units = await bench.vendor.fetch(order, placement);
    expect(units.map(({ state, responses }) => [state, responses.length])).toEqual([
      ['done', 1],
      ['cancelled', 0],
      ['done', 1],
    ]);
    expect(units[1]?.reason).toContain('batch');
  });

  test('rows that are refused keep the others from nobody, and it is said why', async () => {
    const bench = await start({ refuses: (key) => (key.endsWith('unit-1') ? 'row_data is too long' : undefined) });
    const order = orderOf('classification', { units: 3, answers: 1 });
    const placement = await bench.vendor.submit(order, { again: false });
    expect(Object.keys(placement.units)).toEqual([order.units[0]?.key, order.units[2]?.key]);
    expect(placement.refused).toContain('row_data is too long');
    expect(bench.allPurchases()).toBe(2);
    bench.work();
    expect((await bench.vendor.fetch(order, placement)).map(({ state }) => state)).toEqual(['done', 'done']);
    const all = await start({ refuses: () => 'row_data is too long' });
    await expect(all.vendor.submit(order, { again: false })).rejects.toMatchObject({
      ...{ kind: 'permanent', message: expect.stringContaining('too long') },
    });
    expect(all.allPurchases()).toBe(0);
  });

  test('one that leaves all rows out is no purchase', async () => {
    const bench = await start({ leavesOut: () => true });
    const submit = bench.vendor.submit(orderOf('classification'), { again: false });
    await expect(submit).rejects.toMatchObject({ kind: 'permanent' });
  });
});

describe('instructions', () => {
  const long = 'Read it well. '.repeat(200);
  const row = (bench: Bench) =>
    bench.asked.map(({ raw }) => raw.toString('utf8')).find((raw) => raw.includes('row_data'));

  test('what a project’s description has no room for is shown with each task', async () => {
    const bench = await start();
    await bench.vendor.submit({ ...orderOf('classification'), instructions: long }, { again: false });
    expect(row(bench)).toContain(`### Instructions\\n\\n${long}\\n\\n### Text`);
    const short = await start();
    await short.vendor.submit(orderOf('classification'), { again: false });
    expect(row(short)).not.toContain('Instructions');
  });

  test('where a text is marked, too long ones are refused before anything is made', async () => {
    const bench = await start();
    const submit = bench.vendor.submit({ ...orderOf('span'), instructions: long }, { again: false });
    await expect(submit).rejects.toMatchObject({ kind: 'permanent', message: expect.stringContaining('2000') });
    expect(bench.asked).toEqual([]);
  });
});

describe('exports', () => {
  test.each([null, { totalSize: 0 }, { totalSize: null, totalLines: 0 }])(
    'one with the header %j does not say that rows were taken out',
    async (header) => {
      const instead = (_: unknown, query: string): Reply | undefined => {
        const isHeader = query.includes('exportMetadataHeader');
        return isHeader ? { status: 200, body: { data: { task: { exportMetadataHeader: header } } } } : undefined;
      };
      // What has no result has errors here, as far as headers say.
      const unit = fetched({ instead: header === null ? onlyResult(instead) : instead });
      expect((await unit)?.state).toBe('open');
    },
  );

  test('one that failed is asked for again', async () => {
    const instead = ({ body }: { body: unknown }, query: string): Reply | undefined => {
      if (!query.includes('exportMetadataHeader')) return undefined;
      const { streamType } = (body as { variables: { streamType: string } }).variables;
      const exportMetadataHeader = streamType === 'ERRORS' ? { totalSize: 12, totalLines: 1 } : null;
      return { status: 200, body: { data: { task: { exportMetadataHeader } } } };
    };
    await expect(fetched({ instead })).rejects.toMatchObject({ kind: 'retryable' });
  });

  test('one of labeled rows alone leaves the others open; one that has unlabeled rows has all there are', async () => {
    const labeled = (row: Record<string, unknown>) => ((row.labels as unknown[]).length > 0 ? row : undefined);
    const order = orderOf('classification', { units: 2, answers: 1 });
    for (const row of [labeled, undefined]) {
      const bench = await start(row ? { row } : {});
      const placement = await bench.vendor.submit(order, { again: false });
      const states = async () => (await bench.vendor.fetch(order, placement)).map(({ state }) => state);
      expect(await states()).toEqual(['open', 'open']);
      await bench.vendor.cancel(order, placement, []);
      expect(await states()).toEqual(['cancelled', 'cancelled']);
    }
  });

  test.each([
    ['IN_REWORK', 'open'],
    ['InRework', 'open'],
    ['IN_REVIEW', 'done'],
    ['TO_LABEL', 'done'],
    [undefined, 'done'],
  ])('a row with all its labels whose workflow says %s is %s', async (workflow_status, state) => {
    expect((await fetched({ row: (row) => ({ ...row, project_details: { workflow_status } }) }))?.state).toBe(state);
  });

  test('a row that is done with fewer labels than wanted gets no more', async () => {
    const row = (given: Record<string, unknown>) => ({ ...given, labels: (given.labels as unknown[]).slice(0, 1) });
    const unit = await fetched({ row });
    expect([unit?.state, unit?.responses.length]).toEqual(['done', 1]);
  });

  test('labels that do not name themselves are told apart', async () => {
    const row = (given: Record<string, unknown>) => {
      const labels = (given.labels as Record<string, unknown>[]).map(({ id: _, label_details, ...label }) => label);
      return { ...given, labels };
    };
    const ids = (await fetched({ row }))?.responses.map(({ id }) => id) ?? [];
    expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
  });

  test.each([
    [41, { timeSpentS: 41 }],
    ['41.5', { timeSpentS: 41.5 }],
    [null, {}],
    ['', {}],
    [-1, {}],
  ])('a time of %j is read as %j', async (seconds, expected) => {
    const [response] = (await fetched({ seconds }))?.responses ?? [];
    const { timeSpentS } = response ?? {};
    expect(timeSpentS === undefined ? {} : { timeSpentS }).toEqual(expected);
  });

  test('files are fetched from further hosts that are set, as hosts or addresses', async () => {
    const files = new FakeServer({
      admit: () => undefined,
      answer: () => ({ status: 200, body: '{"data_row":{}}\n' }),
    });
    const address = await files.start();
    stops.push(() => files.stop());
    const instead = (_: unknown, query: string): Reply | undefined => {
      if (!query.includes('exportFileFromOffset')) return undefined;
      const piece = { offsets: { start: '0', end: '99999' }, lines: { start: '0', end: '9' }, file: `${address}/x` };
      return { status: 200, body: { data: { task: { exportFileFromOffset: piece } } } };
    };
    await expect(fetched({ instead })).rejects.toThrow('not an allowed host');
    for (const host of [address, address.replace('http://', ''), `${address}/exports/`]) {
      expect((await fetched({ instead, adapter: { hosts: [host] } }))?.state).toBe('open');
    }
    await expect(start({ adapter: { hosts: ['two words'] } })).rejects.toThrow(VendorError);
  });
});

// "Ann 👋 lives in Rome": Rome is at 15 to 19 by code points, at 16 to 20 as JavaScript counts.
describe('places of marks', () => {
  const marked = async (mark: Record<string, unknown>, spanEnd?: 'exclusive') => {
    const unit = await fetched({ mark, adapter: spanEnd ? { spanEnd } : {} }, 'span');
    const [{ start: from, end: to } = {}] = (unit?.responses[0]?.answers.spans ?? []) as Record<string, unknown>[];
    return [from, to];
  };

  test.each([
    ['the end is the last character', { start: 15, end: 18 }],
    ['its text says that the end is the last character', { start: 15, end: 18, token: 'Rome' }],
    ['its text says that the end is beyond', { start: 15, end: 19, token: 'Rome' }],
    ['its text says that places are counted as JavaScript does', { start: 16, end: 19, token: 'Rome' }],
    ['its text says both', { start: 16, end: 20, token: 'Rome' }],
    ['places are texts', { start: '15', end: '18' }],
    ['its text fits nowhere', { start: 15, end: 18, token: 'Paris' }],
  ])('%s', async (_what, mark) => {
    expect(await marked(mark)).toEqual([15, 19]);
  });

  test('the end can be set to be beyond the last character', async () => {
    expect(await marked({ start: 15, end: 19 }, 'exclusive')).toEqual([15, 19]);
    const env = { LABELBOX_API_KEY: 'k', LABELBOX_SPAN_END: 'middle' };
    await expect(loadVendors(env)).rejects.toThrow('LABELBOX_SPAN_END');
  });

  test('what is no place stays as it is', async () => {
    expect(await marked({ start: null, end: 'there' })).toEqual([null, 'there']);
  });
});

/** Answers for headers of results alone. */
function onlyResult(instead: (asked: unknown, query: string) => Reply | undefined) {
  return (asked: { body: unknown }, query: string) => {
    const { variables } = (asked.body ?? {}) as { variables?: { streamType?: string } };
    return variables?.streamType === 'RESULT' ? instead(asked, query) : undefined;
  };
}

test('a piece of an export that ends amid a character changes no answer', async () => {
  const label = 'é👋'.repeat(9);
  const bench = await start({ pieceBytes: 41 });
  const order = orderOf('classification', { units: 1, answers: 1 });
  const question = { id: 'label', title: 'Which?', kind: 'choice', options: [{ value: label, label }] } as const;
  const units = order.units.map((unit) => ({ ...unit, form: { ...unit.form, questions: [question] } }));
  const asked = { ...order, units };
  const placement = await bench.vendor.submit(asked, { again: false });
  bench.work();
  expect((await bench.vendor.fetch(asked, placement))[0]?.responses).toMatchObject([{ answers: { label } }]);
});
