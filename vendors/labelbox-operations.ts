import { VendorError } from './errors.ts';
import { createLabelboxTasks } from './labelbox-export.ts';
import { ontologyOf, rowDataOf } from './labelbox-forms.ts';
import type { Labelbox, Operation } from './labelbox-graphql.ts';
import * as queries from './labelbox-queries.ts';
import { type Group, type Json, listOf, objectOf, textOf, waitFor } from './shared.ts';
import type { Unit } from './vendor.ts';

const PAGE = 100;
const MAX_PAGES = 1000;

export interface LabelboxClock {
  /** How often one attempt looks for what is being made ready, and for how long. */
  readonly everyMs: number;
  readonly forMs: number;
  readonly nowMs: () => number;
}

/** The steps of an order at Labelbox, each as the official client takes it. */
export function createLabelboxOperations(api: Labelbox, clock: LabelboxClock) {
  const { run, upload } = api;
  const { ended, exported } = createLabelboxTasks(api, clock);
  const ask = async (query: string, variables: Json, how: Omit<Operation, 'query' | 'variables' | 'repeatable'> = {}) =>
    objectOf(await run({ query, variables, repeatable: true, ...how }));

  /** Projects or datasets of this name that are not deleted. */
  async function named(kind: 'Project' | 'Dataset', name: string): Promise<string[]> {
    const found: string[] = [];
    for (let page = 0; page < MAX_PAGES; page++) {
      const variables = { param_0: name, param_1: false };
      const answer = await ask(queries.findByName(kind, page * PAGE, PAGE), variables);
      const list = listOf(answer[kind === 'Project' ? 'projects' : 'datasets']).map(objectOf);
      const fresh = list.flatMap((each) => {
        const id = textOf(each.id);
        return each.name === name && id !== undefined && !found.includes(id) ? [id] : [];
      });
      found.push(...fresh);
      // A list without pages comes whole every time.
      if (list.length < PAGE || (page > 0 && fresh.length === 0)) return found;
    }
    throw new VendorError('permanent', `Labelbox listed more than ${MAX_PAGES} pages of a ${kind}.`);
  }

  async function create(
    kind: 'Project' | 'Dataset',
    fields: Readonly<Record<string, readonly [type: string, value: unknown]>>,
  ): Promise<string> {
    const of = (part: 0 | 1) => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field[part]]));
    const query = queries.createObject(kind, of(0) as Record<string, string>);
    const made = await run({ query, variables: of(1), repeatable: false });
    const id = textOf(objectOf(made?.[`create${kind}`]).id);
    if (id === undefined) throw new VendorError('ambiguous', `Labelbox made a ${kind} and did not say which.`);
    return id;
  }

  /** How many labels a row gets is said when a project is made, and cannot be changed: one, or several to be compared. */
  const createProject = (name: string, description: string, answers: number) =>
    create('Project', {
      name: ['String', name],
      description: ['String', description],
      allowedMediaType: ['MediaType', 'TEXT'],
      autoAuditPercentage: ['Float', 1],
      autoAuditNumberOfLabels: ['Int', answers],
      isBenchmarkEnabled: ['Boolean', answers === 1],
      isConsensusEnabled: ['Boolean', answers > 1],
    });
  const createDataset = (name: string) => create('Dataset', { name: ['String', name] });

  async function batchesOf(projectId: string): Promise<Json[]> {
    const variables = { projectId, from: null, first: PAGE };
    const { batches } = objectOf((await ask(queries.BATCHES, variables, { experimental: true })).project);
    return listOf(Array.isArray(batches) ? batches : objectOf(batches).nodes).map(objectOf);
  }
  const batchIn = async (project: string, name: string) =>
    (await batchesOf(project)).find((batch) => batch.name === name);

  /** The project of an earlier attempt; of several the one that has the batch. */
  async function findProject(name: string): Promise<string | undefined> {
    const projects = await named('Project', name);
    for (const project of projects.slice(1)) if (await batchIn(project, name)) return project;
    return projects[0];
  }

  /** Gives a project the usual editor and the questions. Newer servers see to the editor and the end of it themselves. */
  async function setUp(projectId: string, group: Group): Promise<void> {
    await connectEditor(projectId);
    await connectOntology(projectId, group);
    const setupComplete = `${new Date(clock.nowMs()).toISOString().slice(0, 19)}Z`;
    await ask(queries.COMPLETE_SETUP, { setupComplete, ProjectId: projectId }, { mayBeUnknown: true });
  }

  async function connectEditor(projectId: string): Promise<void> {
    const tolerant = { mayBeUnknown: true } as const;
    const { project } = await ask(queries.FRONTEND_OF_PROJECT, { param_0: projectId }, tolerant);
    if (textOf(objectOf(objectOf(project).labelingFrontend).id) !== undefined) return;
    const editors = await ask(
      queries.findByName('LabelingFrontend', 0, PAGE),
      { param_0: 'Editor', param_1: false },
      tolerant,
    );
    const editor = textOf(objectOf(listOf(editors.labelingFrontends)[0]).id);
    if (editor === undefined) return;
    await ask(queries.CONNECT_FRONTEND, { projectId, labelingFrontendId: editor }, tolerant);
    const options = { project: projectId, labelingFrontend: editor, customizationOptions: NO_QUESTIONS };
    await ask(queries.CREATE_FRONTEND_OPTIONS, options, tolerant);
  }

  async function connectOntology(projectId: string, { key, units: [first] }: Group): Promise<void> {
    const normalized = JSON.stringify(ontologyOf(first.form.questions));
    const made = await ask(queries.UPSERT_ONTOLOGY, { data: { name: key, normalized, mediaType: 'TEXT' } });
    const ontologyId = textOf(objectOf(made.upsertOntology).id);
    if (ontologyId === undefined) {
      throw new VendorError('retryable', 'Labelbox made an ontology and did not say which.');
    }
    await ask(queries.CONNECT_ONTOLOGY, { ontologyId, projectId });
  }

  /** Adds the rows that are not there yet; returns those of some that are refused, by key, with the reason. */
  async function addRows(
    dataset: string,
    units: readonly Unit[],
    instructions: string,
  ): Promise<ReadonlyMap<string, string>> {
    const rows = units.map((unit) => ({
      id: { type: 'AUTO', value: '' },
      payload: { dataset_id: dataset, row_data: rowDataOf(unit, instructions), global_key: unit.key },
    }));
    const chunk = await upload('rows.json', JSON.stringify(rows));
    const manifest = { source: 'SDK', item_count: rows.length, chunk_uris: [chunk] };
    const manifestUri = await upload('manifest.json', JSON.stringify(manifest));
    const made = await ask(queries.UPSERT_ROWS, { manifestUri });
    const taskId = textOf(objectOf(made.upsertDataRows).id) ?? '';
    const status = await ended(taskId);
    if (status === undefined) throw new VendorError('retryable', 'Labelbox is still reading the rows.');
    const failed = await ask(queries.FAILED_ROWS, { taskId, first: units.length, from: null });
    const faults = listOf(objectOf(failed.failedDataRowImports).results).map(objectOf);
    // Others were added by an earlier attempt.
    const real = faults.filter(({ message }) => !/duplicate/i.test(textOf(message) ?? ''));
    const whyOf = ({ message }: Json) => api.http.excerpt(textOf(message) ?? '');
    const refused = new Map(real.map((fault) => [textOf(objectOf(fault.spec).globalKey) ?? '', whyOf(fault)]));
    const left = units.filter(({ key }) => !refused.has(key)).length;
    if (real.length > 0 && (left === 0 || left + refused.size !== units.length)) {
      throw new VendorError('permanent', `Labelbox refused ${real.length} rows: ${whyOf(real[0] ?? {})}`);
    }
    if (real.length > 0) return refused;
    if (status !== 'COMPLETE') throw new VendorError('retryable', `Labelbox could not read the rows: ${status}.`);
    return refused;
  }

  async function processed(units: readonly Unit[]): Promise<void> {
    const done = await waitFor(async () => {
      const found = await ask(queries.ROWS_PROCESSED, { globalKeys: units.map(({ key }) => key) });
      return objectOf(found.queryAllDataRowsHaveBeenProcessed).allDataRowsHaveBeenProcessed === true || undefined;
    }, clock);
    if (!done) throw new VendorError('retryable', 'Labelbox is still processing the rows.');
  }

  const empty = (projectId: string, batchId: string) =>
    ask(queries.EMPTY_BATCH, { projectId, batchId }, { experimental: true });

  /** Work begins here. A batch's name is its key: one that is taken is the one of an earlier attempt. */
  async function startBatch(projectId: string, { key, units }: Group): Promise<string> {
    const [{ answers }] = units;
    const batchInput = {
      name: key,
      dataRowIds: [],
      globalKeys: units.map((unit) => unit.key),
      priority: 3,
      consensusSettings: answers > 1 ? { numberOfLabels: answers, coveragePercentage: 1 } : null,
    };
    const how = { experimental: true, mayConflict: true } as const;
    const made = await ask(queries.CREATE_BATCH, { projectId, batchInput }, how);
    const { batch, failedDataRowIds } = objectOf(objectOf(made.project).createBatchV2);
    const id = textOf(objectOf(batch).id) ?? textOf((await batchIn(projectId, key))?.id);
    if (id === undefined) throw new VendorError('retryable', `Labelbox does not list the batch ${key} yet.`);
    // Some that it left out are seen as cancelled in time; the others are bought.
    if (listOf(failedDataRowIds).length < units.length) return id;
    throw new VendorError('permanent', `Labelbox left all rows out of the batch ${key}.`);
  }

  return {
    named,
    createProject,
    createDataset,
    batchesOf,
    batchIn,
    findProject,
    setUp,
    addRows,
    processed,
    empty,
    startBatch,
    exported,
  };
}

const NO_QUESTIONS = JSON.stringify({ tools: [], classifications: [] });
