import { createHmac } from 'node:crypto';
import { createLabelbox, type LabelboxOptions } from '../../../vendors/labelbox.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, FakeServer, type Reply } from '../fake.ts';
import { createChecker } from './graphql.ts';
import { annotate, type Ontology } from './labelbox-labels.ts';
import { LABELBOX_SCHEMA } from './labelbox-schema.ts';

type Json = Record<string, unknown>;

interface Row {
  readonly global_key: string;
  readonly row_data: string;
  /** Looks until it is processed. */
  looks: number;
}

interface Batch {
  readonly id: string;
  readonly name: string;
  readonly keys: Set<string>;
  readonly gone: Set<string>;
  readonly wanted: number;
}

interface Project {
  readonly id: string;
  readonly name: string;
  readonly mostLabels: number;
  editor?: string;
  ontology?: Ontology;
  setupComplete?: string;
  readonly batches: Batch[];
}

interface Label {
  readonly id: string;
  readonly by: string;
  annotations: Json;
}

interface FailedRow {
  readonly globalKey: string;
  readonly message: string;
}

export interface LabelboxBenchOptions extends BenchOptions {
  /** Exports come in pieces of so many bytes; by default of a line each. */
  readonly pieceBytes?: number;
  /** As servers that follow the documents alone: there is no endpoint for experiments. */
  readonly oneEndpoint?: true;
  /** As the newest servers: editors come by themselves, and nothing says that a project is complete. */
  readonly editorsByThemselves?: true;
  /** What the server says instead of carrying an operation out; undefined goes on as usual. */
  readonly instead?: (asked: Asked, query: string) => Reply | undefined;
  /** Changes a row before it is exported; undefined leaves it out. */
  readonly row?: (row: Json) => Json | undefined;
  /** Rows that a batch leaves out, by our key. */
  readonly leavesOut?: (key: string) => boolean;
  /** Why a row is refused, by our key. */
  readonly refuses?: (key: string) => string | undefined;
  /** What a mark is like; the place of "Ann" by default. */
  readonly mark?: Json;
  /** What a labeler's time is said to be. */
  readonly seconds?: unknown;
  readonly adapter?: Partial<LabelboxOptions>;
}

const KEY = 'planted-labelbox-key';
const SECRET = 'planted-labelbox-webhook-secret';

const faultIn = createChecker(LABELBOX_SCHEMA);

/**
 * Labelbox as its documents and its client tell: GraphQL with a schema, projects to be set up, tasks that take their time,
 * global keys, batches by name, exports in pieces.
 */
export async function labelboxBench(options: LabelboxBenchOptions = {}): Promise<Bench> {
  const projects: Project[] = [];
  const datasets: { id: string; name: string }[] = [];
  const ontologies = new Map<string, Ontology>();
  const rows = new Map<string, Row>();
  const labels = new Map<string, Label[]>();
  const files: (string | Buffer)[] = [];
  const tasks = new Map<string, { looks: number; failed: FailedRow[]; lines: string[] }>();
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers, path }) =>
      headers.authorization === `Bearer ${KEY}` || path.startsWith('/files/')
        ? undefined
        : fault('AUTHENTICATION_ERROR'),
    answer,
  });
  const baseUrl = await server.start();

  function answer(asked: Asked): Reply {
    const { method, path, body, raw } = asked;
    if (method === 'GET') return { status: 200, body: files[Number(path.split('/')[2])] ?? '' };
    const isThere = path === '/graphql' || (path === '/_gql' && !options.oneEndpoint);
    if (!isThere) return { status: 404, body: { message: `Route POST:${path} not found`, statusCode: 404 } };
    const operation = (body ?? operationIn(raw)) as { query: string; variables: Json };
    const { query, variables } = operation;
    const instead = options.instead?.(asked, query);
    if (instead) return instead;
    const misfit = faultIn(query, variables);
    if (misfit !== undefined) return { ...fault('GRAPHQL_VALIDATION_FAILED', misfit), status: 400 };
    if (body === undefined) return uploaded(raw);
    const name = OPERATIONS.find((each) => new RegExp(`\\b${each}\\b`).test(query));
    const isExperiment = EXPERIMENTS.some((each) => each === name) && !options.oneEndpoint;
    if (!name || isExperiment !== (path === '/_gql')) return fault('GRAPHQL_VALIDATION_FAILED', query);
    if (options.editorsByThemselves && BY_THEMSELVES.some((each) => each === name)) {
      return { ...fault('GRAPHQL_VALIDATION_FAILED', `Cannot query field "${name}".`), status: 400 };
    }
    return operations[name](variables);
  }

  const data = (value: Json): Reply => ({ status: 200, body: { data: value } });
  function fault(code: string, message = code): Reply {
    return { status: 200, body: { errors: [{ message, extensions: { code } }], data: null } };
  }
  const make = <T extends object>(list: T[], made: T): T => {
    list.push(made);
    return made;
  };
  const projectOf = ({ id, projectId }: Json) => {
    const found = projects.find((each) => each.id === (id ?? projectId));
    if (!found) throw new Error('no such project');
    return found;
  };
  const start = (failed: FailedRow[], lines: string[] = []) => {
    const id = `task${tasks.size}`;
    tasks.set(id, { looks: 0, failed, lines });
    return id;
  };

  function uploaded(raw: Buffer): Reply {
    const part = /name="1"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n([\s\S]*?)\r\n--/.exec(raw.toString('utf8'));
    files.push(part?.[1] ?? '');
    return data({ uploadFile: { url: `${baseUrl}/files/${files.length - 1}`, filename: 'f' } });
  }
  const fileAt = (url: string) => JSON.parse(String(files[Number(url.split('/').at(-1))] ?? 'null')) as unknown;

  const OPERATIONS = [
    'createLabelingFrontendOptions',
    'labelingFrontends',
    'setupComplete',
    'updateProject',
    'labelingFrontend',
    'createBatchV2',
    'removeQueuedDataRowsFromBatch',
    'connectOntology',
    'upsertOntology',
    'createProject',
    'createDataset',
    'createdTasks',
    'upsertDataRows',
    'failedDataRowImports',
    'queryAllDataRowsHaveBeenProcessed',
    'exportDataRowsInProject',
    'exportMetadataHeader',
    'exportFileFromOffset',
    'batches',
    'projects',
    'datasets',
    'user',
  ] as const;

  const EXPERIMENTS = ['createBatchV2', 'removeQueuedDataRowsFromBatch', 'batches'];
  const BY_THEMSELVES = ['labelingFrontends', 'setupComplete', 'updateProject', 'createLabelingFrontendOptions'];

  const operations: Record<(typeof OPERATIONS)[number], (variables: Json) => Reply> = {
    user: () => data({ user: { id: 'me' } }),
    projects: ({ param_0: name }) => data({ projects: projects.filter((each) => each.name === name) }),
    datasets: ({ param_0: name }) => data({ datasets: datasets.filter((each) => each.name === name) }),
    createProject: (given) => {
      const mostLabels = given.isConsensusEnabled === true ? Number(given.autoAuditNumberOfLabels) : 1;
      const id = `p${projects.length}`;
      const editor = options.editorsByThemselves ? { editor: 'e0', setupComplete: 'by itself' } : {};
      return data({
        createProject: make(projects, { id, name: String(given.name), mostLabels, batches: [], ...editor }),
      });
    },
    createDataset: ({ name }) =>
      data({ createDataset: make(datasets, { id: `d${datasets.length}`, name: String(name) }) }),
    labelingFrontend: ({ param_0 }) => {
      const { editor } = projectOf({ id: param_0 });
      return data({ project: { labelingFrontend: editor === undefined ? null : { id: editor, name: 'Editor' } } });
    },
    labelingFrontends: ({ param_0: name }) => data({ labelingFrontends: [{ id: 'e0', name }] }),
    updateProject: (variables) => {
      projectOf(variables).editor = String(variables.labelingFrontendId);
      return data({ updateProject: { id: variables.projectId } });
    },
    createLabelingFrontendOptions: () => data({ createLabelingFrontendOptions: { id: 'f0' } }),
    setupComplete: ({ ProjectId, setupComplete }) => {
      projectOf({ id: ProjectId }).setupComplete = String(setupComplete);
      return data({ updateProject: { id: ProjectId } });
    },
    upsertOntology: ({ data: given }) => {
      const id = `o${ontologies.size}`;
      ontologies.set(id, JSON.parse(String((given as Json).normalized)) as Ontology);
      return data({ upsertOntology: { id } });
    },
    connectOntology: (variables) => {
      const ontology = ontologies.get(String(variables.ontologyId));
      if (ontology) projectOf(variables).ontology = ontology;
      return data({ project: { connectOntology: { id: 'p' } } });
    },
    upsertDataRows: ({ manifestUri }) => {
      const {
        chunk_uris: [chunk = ''],
      } = fileAt(String(manifestUri)) as { chunk_uris: string[] };
      const failed: FailedRow[] = [];
      for (const { payload } of fileAt(chunk) as { payload: { global_key: string; row_data: string } }[]) {
        const { global_key, row_data } = payload;
        const why = options.refuses?.(global_key);
        if (why !== undefined) failed.push({ globalKey: global_key, message: why });
        else if (rows.has(global_key))
          failed.push({ globalKey: global_key, message: `Duplicate global key: '${global_key}'` });
        else rows.set(global_key, { global_key, row_data, looks: 0 });
      }
      return data({ upsertDataRows: { id: start(failed), status: 'IN_PROGRESS' } });
    },
    createdTasks: ({ taskId }) => {
      const known = tasks.get(String(taskId));
      const status = known && known.looks++ > 0 ? 'COMPLETE' : 'IN_PROGRESS';
      return data({ user: { createdTasks: known ? [{ id: taskId, status }] : [] } });
    },
    failedDataRowImports: ({ taskId }) => {
      const { failed = [] } = tasks.get(String(taskId)) ?? {};
      const results = failed.map(({ globalKey, message }) => ({ message, spec: { globalKey } }));
      return data({ failedDataRowImports: { total: failed.length, results } });
    },
    queryAllDataRowsHaveBeenProcessed: ({ globalKeys }) => {
      const all = (globalKeys as string[]).map((key) => rows.get(key));
      const done = all.every((row) => row !== undefined && row.looks++ > 0);
      return data({ queryAllDataRowsHaveBeenProcessed: { allDataRowsHaveBeenProcessed: done } });
    },
    batches: (variables) => {
      const nodes = projectOf(variables).batches.map(({ id, name, keys, gone }) => ({
        ...{ id, name, createdAt: '2026-01-01T00:00:00Z', size: keys.size - gone.size },
      }));
      return data({ project: { batches: { nodes, pageInfo: { endCursor: null } } } });
    },
    createBatchV2: (variables) => {
      const { name, globalKeys, consensusSettings } = variables.batchInput as {
        name: string;
        globalKeys: string[];
        consensusSettings: { numberOfLabels: number } | null;
      };
      const project = projectOf(variables);
      const { editor, ontology, setupComplete } = project;
      if (!(editor && ontology && setupComplete)) return fault('OPERATION_NOT_ALLOWED', 'the project is not set up');
      if (project.batches.some((batch) => batch.name === name)) return fault('RESOURCE_CONFLICT', 'the name is taken');
      const failedDataRowIds = globalKeys.filter((key) => (rows.get(key)?.looks ?? 0) < 2 || options.leavesOut?.(key));
      const keys = new Set(globalKeys.filter((key) => !failedDataRowIds.includes(key)));
      // A project that does not compare labels takes one of a row.
      const wanted = Math.min(consensusSettings?.numberOfLabels ?? 1, project.mostLabels);
      const batch = make(project.batches, { id: `b-${project.id}-0`, name, keys, gone: new Set<string>(), wanted });
      return data({ project: { createBatchV2: { batch: { id: batch.id, name, size: keys.size }, failedDataRowIds } } });
    },
    removeQueuedDataRowsFromBatch: (variables) => {
      const batch = projectOf(variables).batches.find(({ id }) => id === variables.batchId);
      for (const key of batch?.keys ?? []) if (!labels.get(key)?.length) batch?.gone.add(key);
      return data({ project: { removeQueuedDataRowsFromBatch: { id: variables.batchId } } });
    },
    exportDataRowsInProject: (variables) => {
      const { filters } = variables.input as { filters: { projectId: string } };
      const taskId = start([], linesOf(projectOf({ id: filters.projectId })));
      return data({ exportDataRowsInProject: { taskId, isStreamable: true } });
    },
    exportMetadataHeader: ({ where, streamType }) => {
      const lines = streamType === 'RESULT' ? (tasks.get(idIn(where))?.lines ?? []) : [];
      const totalSize = Buffer.byteLength(lines.join(''));
      return data({ task: { exportMetadataHeader: lines.length ? { totalSize, totalLines: lines.length } : null } });
    },
    exportFileFromOffset: ({ where, offset }) => {
      if (options.pieceBytes !== undefined) {
        const all = Buffer.from((tasks.get(idIn(where))?.lines ?? []).join(''));
        const [start, end] = [Number(offset), Math.min(all.length, Number(offset) + options.pieceBytes)];
        files.push(all.subarray(start, end));
        const file = `${baseUrl}/files/${files.length - 1}`;
        return data({ task: { exportFileFromOffset: { offsets: { start, end: end - 1 }, file } } });
      }
      // One line is one piece.
      let at = 0;
      for (const line of tasks.get(idIn(where))?.lines ?? []) {
        const end = at + Buffer.byteLength(line) - 1;
        if (String(at) === offset) {
          files.push(line);
          const file = `${baseUrl}/files/${files.length - 1}`;
          return data({ task: { exportFileFromOffset: { offsets: { start: at, end }, file } } });
        }
        at = end + 1;
      }
      return fault('MALFORMED_REQUEST', 'no line begins there');
    },
  };

  function linesOf(project: Project): string[] {
    return project.batches.flatMap((batch) =>
      [...batch.keys]
        .filter((key) => !batch.gone.has(key))
        .map((key) => {
          const given = (labels.get(key) ?? []).map(({ id, by, annotations }) => ({
            id,
            label_details: { created_at: '2026-11-01', created_by: by },
            performance_details: { seconds_to_create: 'seconds' in options ? options.seconds : 41, skipped: false },
            annotations,
          }));
          const workflow_status = given.length < batch.wanted ? 'TO_LABEL' : 'DONE';
          const details = { batch_id: batch.id, batch_name: batch.name, workflow_status };
          const own = { name: project.name, labels: given, project_details: details };
          const row = options.row ? options.row(own) : own;
          if (!row) return '';
          return `${JSON.stringify({ data_row: { id: key, global_key: key }, projects: { [project.id]: row } })}\n`;
        })
        .filter(Boolean),
    );
  }

  const bought = () =>
    projects.flatMap((project) =>
      project.batches.flatMap((batch) => [...batch.keys].map((key) => ({ project, batch, key }))),
    );
  return {
    vendor: createLabelbox({
      baseUrl,
      apiKey: KEY,
      webhookSecret: SECRET,
      timeoutMs: options.timeoutMs ?? 2000,
      everyMs: 5,
      ...options.adapter,
    }),
    asked: server.asked,
    env: { LABELBOX_BASE_URL: baseUrl, LABELBOX_API_KEY: KEY, LABELBOX_WEBHOOK_SECRET: SECRET },
    secrets: [KEY, SECRET],
    showsPartial: true,
    cancelsStarted: false,
    recall() {
      labels.clear();
    },
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const [at, { project, batch, key }] of bought().entries()) {
        if (part && at % 2 > 0) continue;
        const given = labels.get(key) ?? [];
        labels.set(key, given);
        const { ontology } = project;
        if (!ontology) continue;
        if (amend) for (const label of given) label.annotations = annotate(ontology, `${label.id} again`, options.mark);
        if (amend || batch.gone.has(key)) continue;
        for (let n = 0; n < workers && given.length < batch.wanted; n++) {
          const id = `L-${key}-${given.length}`;
          given.push({
            id,
            by: `labeler${given.length}@example.com`,
            annotations: annotate(ontology, id, options.mark),
          });
        }
      }
    },
    purchases: (key) => bought().filter((each) => each.key === key).length,
    allPurchases: () => bought().length,
    isCancelled: (key) => bought().some((each) => each.key === key && each.batch.gone.has(key)),
    webhook(_order, placement, event = 'delivery-1') {
      const [globalKey] = Object.keys(placement.units);
      const body = Buffer.from(
        JSON.stringify({ id: 'L1', dataRow: { id: 'c1', globalKey }, project: { id: placement.externalId } }),
      );
      const signature = `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`;
      return {
        headers: { 'x-hub-signature': signature, 'x-labelbox-id': event, 'x-labelbox-event': 'LABEL_CREATED' },
        body,
      };
    },
    stop: () => server.stop(),
  };
}

const idIn = (where: unknown) => String((where as { id: string }).id);

/** The operation of a multipart request. */
function operationIn(raw: Buffer): unknown {
  return JSON.parse(/name="operations"\r\n\r\n(.*?)\r\n--/s.exec(raw.toString('utf8'))?.[1] ?? '{}');
}
