import { VendorError } from './errors.ts';
import { ontologyOf, rowDataOf } from './labelbox-forms.ts';
import type { Labelbox } from './labelbox-graphql.ts';
import { type Group, type Json, jsonFrom, listOf, objectOf, textOf, waitFor } from './shared.ts';
import type { Unit } from './vendor.ts';

const PAGE = 100;
const MAX_PIECES = 10_000;

/** The steps of an order at Labelbox. `wait`: how often and how long one attempt looks for what is being made ready. */
export function createLabelboxOperations(
  { http, run, upload }: Labelbox,
  wait: { readonly everyMs: number; readonly forMs: number },
) {
  let user: string | undefined;

  const ask = async (query: string, variables: Json) => objectOf(await run({ query, variables, repeatable: true }));

  /** Projects or datasets of this name. */
  async function named(kind: 'projects' | 'datasets', name: string): Promise<string[]> {
    const query = `query Named($name: String!) { ${kind}(where: {name: $name}, skip: 0, first: ${PAGE}) { id name } }`;
    const found = listOf((await ask(query, { name }))[kind]).map(objectOf);
    return found.flatMap((each) => (each.name === name ? [textOf(each.id) ?? ''] : []));
  }

  async function create(kind: 'Project' | 'Dataset', data: Json): Promise<string> {
    const query = `mutation Create($data: ${kind}CreateInput!) { create${kind}(data: $data) { id } }`;
    const made = await run({ query, variables: { data }, repeatable: false });
    const id = textOf(objectOf(made?.[`create${kind}`]).id);
    if (id === undefined) throw new VendorError('ambiguous', `Labelbox made a ${kind} and did not say which.`);
    return id;
  }

  async function batchesOf(project: string): Promise<Json[]> {
    const query =
      'query Batches($id: ID!) { project(where: {id: $id}) { batches(first: 100) { nodes { id name createdAt } } } }';
    const { batches } = objectOf((await ask(query, { id: project })).project);
    return listOf(Array.isArray(batches) ? batches : objectOf(batches).nodes).map(objectOf);
  }
  const batchIn = async (project: string, name: string) =>
    (await batchesOf(project)).find((batch) => batch.name === name);

  /** The project of an earlier attempt; of several the one that has the batch. */
  async function findProject(name: string): Promise<string | undefined> {
    const projects = await named('projects', name);
    for (const project of projects.slice(1)) if (await batchIn(project, name)) return project;
    return projects[0];
  }

  async function connectOntology(project: string, { key, units: [first] }: Group): Promise<void> {
    const normalized = JSON.stringify(ontologyOf(first.form.questions));
    const made = await ask('mutation Upsert($data: UpsertOntologyInput!) { upsertOntology(data: $data) { id } }', {
      data: { name: key, normalized, mediaType: 'TEXT' },
    });
    const ontology = textOf(objectOf(made.upsertOntology).id);
    if (ontology === undefined) throw new VendorError('retryable', 'Labelbox made an ontology and did not say which.');
    await ask(
      'mutation Connect($projectId: ID!, $ontologyId: ID!) { project(where: {id: $projectId}) { connectOntology(ontologyId: $ontologyId) { id } } }',
      { projectId: project, ontologyId: ontology },
    );
  }

  /** Ends when the task has: its status, or undefined when that takes too long. */
  async function ended(taskId: string): Promise<string | undefined> {
    user ??= textOf(objectOf((await ask('query Me { user { id } }', {})).user).id);
    const query =
      'query Task($user: ID!, $task: ID!) { user(where: {id: $user}) { createdTasks(where: {id: $task} skip: 0 first: 1) { id status } } }';
    return waitFor(async () => {
      const found = objectOf((await ask(query, { user, task: taskId })).user);
      const status = textOf(objectOf(listOf(found.createdTasks)[0]).status);
      return status === 'COMPLETE' || status === 'FAILED' || status === 'CANCELED' ? status : undefined;
    }, wait);
  }

  async function addRows(dataset: string, units: readonly Unit[]): Promise<void> {
    const rows = units.map((unit) => ({
      id: { type: 'AUTO', value: '' },
      payload: { dataset_id: dataset, row_data: rowDataOf(unit), global_key: unit.key },
    }));
    const chunk = await upload('rows.json', JSON.stringify(rows));
    const manifest = { source: 'SDK', item_count: rows.length, chunk_uris: [chunk] };
    const manifestUri = await upload('manifest.json', JSON.stringify(manifest));
    const made = await ask(
      'mutation Upsert($manifestUri: String!) { upsertDataRows(data: {manifestUri: $manifestUri}) { id status } }',
      { manifestUri },
    );
    const taskId = textOf(objectOf(made.upsertDataRows).id) ?? '';
    const status = await ended(taskId);
    if (status === undefined) throw new VendorError('retryable', 'Labelbox is still reading the rows.');
    const failed = await ask(
      'query Failed($taskId: ID!, $first: Int!, $from: String) { failedDataRowImports(data: {taskId: $taskId, first: $first, from: $from}) { total results { message spec { globalKey } } } }',
      { taskId, first: units.length, from: null },
    );
    const faults = listOf(objectOf(failed.failedDataRowImports).results).map((each) => textOf(objectOf(each).message));
    // Added by an earlier attempt.
    const real = faults.filter((fault) => !fault?.startsWith('Duplicate global key'));
    if (real.length > 0) throw new VendorError('permanent', `Labelbox refused ${real.length} rows: ${real[0]}`);
    if (status !== 'COMPLETE') throw new VendorError('retryable', `Labelbox could not read the rows: ${status}.`);
  }

  async function processed(units: readonly Unit[]): Promise<void> {
    const query =
      'query Processed($globalKeys: [ID!]) { queryAllDataRowsHaveBeenProcessed(globalKeys: $globalKeys) { allDataRowsHaveBeenProcessed } }';
    const done = await waitFor(async () => {
      const found = await ask(query, { globalKeys: units.map(({ key }) => key) });
      return objectOf(found.queryAllDataRowsHaveBeenProcessed).allDataRowsHaveBeenProcessed === true || undefined;
    }, wait);
    if (!done) throw new VendorError('retryable', 'Labelbox is still processing the rows.');
  }

  const empty = (project: string, batch: string) =>
    run({
      query:
        'mutation Empty($projectId: ID!, $batchId: ID!) { project(where: {id: $projectId}) { removeQueuedDataRowsFromBatch(batchId: $batchId) { id } } }',
      variables: { projectId: project, batchId: batch },
      repeatable: true,
      experimental: true,
    });

  /** Work begins here. A batch's name is its key: one that is taken is the one of an earlier attempt. */
  async function startBatch(project: string, { key, units }: Group): Promise<string> {
    const input = {
      name: key,
      globalKeys: units.map((unit) => unit.key),
      priority: 3,
      consensusSettings: { numberOfLabels: units[0].answers, coveragePercentage: 1 },
    };
    const made = await run({
      query:
        'mutation Batch($id: ID!, $input: CreateBatchV2Input!) { project(where: {id: $id}) { createBatchV2(input: $input) { batch { id name size } failedDataRowIds } } }',
      variables: { id: project, input },
      repeatable: true,
      experimental: true,
      mayConflict: true,
    });
    const { batch, failedDataRowIds } = objectOf(objectOf(made?.project).createBatchV2);
    const id = textOf(objectOf(batch).id) ?? textOf((await batchIn(project, key))?.id);
    if (id === undefined) throw new VendorError('retryable', `Labelbox does not list the batch ${key} yet.`);
    const left = listOf(failedDataRowIds).length;
    if (left === 0) return id;
    await empty(project, id);
    throw new VendorError('permanent', `Labelbox left ${left} rows out of the batch ${key}; it was emptied again.`);
  }

  /** All rows of a project with their labels, by global key. */
  async function exported(project: string): Promise<Map<string, Json>> {
    const params = {
      includeDataRowDetails: true,
      includeProjectDetails: true,
      includePerformanceDetails: true,
      includeLabelDetails: true,
    };
    const started = await ask(
      'mutation Export($input: ExportDataRowsInProjectInput!) { exportDataRowsInProject(input: $input) { taskId isStreamable } }',
      {
        input: {
          taskName: `quorate-${project}`,
          isStreamableReady: true,
          streamable: true,
          filters: { projectId: project, searchQuery: { scope: null, query: [] } },
          params,
        },
      },
    );
    const task = textOf(objectOf(started.exportDataRowsInProject).taskId) ?? '';
    if ((await ended(task)) !== 'COMPLETE') throw new VendorError('retryable', 'Labelbox’s export is not ready.');
    const header = await ask(
      'query Header($id: ID!) { task(where: {id: $id}) { exportMetadataHeader(streamType: RESULT) { totalSize totalLines } } }',
      { id: task },
    );
    const totalSize = Number(objectOf(objectOf(header.task).exportMetadataHeader).totalSize ?? 0);
    let lines = '';
    let offset = 0;
    for (let piece = 0; offset < totalSize && piece < MAX_PIECES; piece++) {
      const found = await ask(
        'query Piece($id: ID!, $offset: UInt64!) { task(where: {id: $id}) { exportFileFromOffset(streamType: RESULT, offset: $offset) { offsets { start end } lines { start end } file } } }',
        { id: task, offset: String(offset) },
      );
      const { file, offsets } = objectOf(objectOf(found.task).exportFileFromOffset);
      lines += (await http({ method: 'GET', path: textOf(file) ?? '', repeatable: true })).text;
      const end = Number(objectOf(offsets).end);
      if (!(end >= offset)) throw new VendorError('retryable', 'Labelbox’s export does not say where its pieces end.');
      offset = end + 1;
    }
    const rows = lines.split('\n').flatMap((line): [string, Json][] => {
      if (line.trim() === '') return [];
      const read = jsonFrom(Buffer.from(line));
      // A file cut short must not look as if rows had been taken out.
      if (read === undefined) throw new VendorError('retryable', 'Labelbox’s export has a line that is no JSON.');
      const row = objectOf(read);
      const key = textOf(objectOf(row.data_row).global_key);
      return key === undefined ? [] : [[key, objectOf(objectOf(row.projects)[project])]];
    });
    return new Map(rows);
  }

  return {
    named,
    create,
    batchesOf,
    batchIn,
    findProject,
    connectOntology,
    addRows,
    processed,
    empty,
    startBatch,
    exported,
  };
}
