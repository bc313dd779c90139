import { createHmac } from 'node:crypto';
import { createLabelbox } from '../../../vendors/labelbox.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, FakeServer, type Reply } from '../fake.ts';
import { annotate, type Ontology } from './labelbox-labels.ts';

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
  ontology?: Ontology;
  readonly batches: Batch[];
}

interface Label {
  readonly id: string;
  readonly by: string;
  annotations: Json;
}

const KEY = 'planted-labelbox-key';
const SECRET = 'planted-labelbox-webhook-secret';

/** Labelbox as its documents tell: GraphQL, tasks that take their time, global keys, batches by name, exports in pieces. */
export async function labelboxBench(options: BenchOptions = {}): Promise<Bench> {
  const projects: Project[] = [];
  const datasets: { id: string; name: string }[] = [];
  const ontologies = new Map<string, Ontology>();
  const rows = new Map<string, Row>();
  const labels = new Map<string, Label[]>();
  const files: string[] = [];
  const tasks = new Map<string, { looks: number; failed: string[]; lines: string[] }>();
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers, path }) =>
      headers.authorization === `Bearer ${KEY}` || path.startsWith('/files/')
        ? undefined
        : fault('AUTHENTICATION_ERROR'),
    answer,
  });
  const baseUrl = await server.start();

  function answer({ method, path, body, raw }: Asked): Reply {
    if (method === 'GET') return { status: 200, body: files[Number(path.split('/')[2])] ?? '' };
    if (path !== '/graphql' && path !== '/_gql') return { status: 404, body: 'not here' };
    const { query, variables } = (body ?? { query: 'uploadFile', variables: {} }) as { query: string; variables: Json };
    if (body === undefined) return uploaded(raw);
    const operation = OPERATIONS.find((name) => new RegExp(`\\b${name}\\b`).test(query));
    if (!operation) return fault('GRAPHQL_VALIDATION_FAILED', query);
    return operations[operation](variables);
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
  const start = (failed: string[], lines: string[] = []) => {
    const id = `task${tasks.size}`;
    tasks.set(id, { looks: 0, failed, lines });
    return id;
  };

  function uploaded(raw: Buffer): Reply {
    const part = /name="1"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n([\s\S]*?)\r\n--/.exec(raw.toString('utf8'));
    files.push(part?.[1] ?? '');
    return data({ uploadFile: { url: `${baseUrl}/files/${files.length - 1}`, filename: 'f' } });
  }
  const fileAt = (url: string) => JSON.parse(files[Number(url.split('/').at(-1))] ?? 'null') as unknown;

  const OPERATIONS = [
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

  const operations: Record<(typeof OPERATIONS)[number], (variables: Json) => Reply> = {
    user: () => data({ user: { id: 'me' } }),
    projects: ({ name }) => data({ projects: projects.filter((each) => each.name === name) }),
    datasets: ({ name }) => data({ datasets: datasets.filter((each) => each.name === name) }),
    createProject: ({ data: given }) =>
      data({
        createProject: make(projects, { id: `p${projects.length}`, name: String((given as Json).name), batches: [] }),
      }),
    createDataset: ({ data: given }) =>
      data({ createDataset: make(datasets, { id: `d${datasets.length}`, name: String((given as Json).name) }) }),
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
      const failed: string[] = [];
      for (const { payload } of fileAt(chunk) as { payload: { global_key: string; row_data: string } }[]) {
        const { global_key, row_data } = payload;
        if (rows.has(global_key)) failed.push(global_key);
        else rows.set(global_key, { global_key, row_data, looks: 0 });
      }
      return data({ upsertDataRows: { id: start(failed), status: 'IN_PROGRESS' } });
    },
    createdTasks: ({ task }) => {
      const known = tasks.get(String(task));
      const status = known && known.looks++ > 0 ? 'COMPLETE' : 'IN_PROGRESS';
      return data({ user: { createdTasks: known ? [{ id: task, status }] : [] } });
    },
    failedDataRowImports: ({ taskId }) => {
      const { failed = [] } = tasks.get(String(taskId)) ?? {};
      const results = failed.map((globalKey) => {
        return { message: `Duplicate global key: '${globalKey}'`, spec: { globalKey } };
      });
      return data({ failedDataRowImports: { total: failed.length, results } });
    },
    queryAllDataRowsHaveBeenProcessed: ({ globalKeys }) => {
      const all = (globalKeys as string[]).map((key) => rows.get(key));
      const done = all.every((row) => row !== undefined && row.looks++ > 0);
      return data({ queryAllDataRowsHaveBeenProcessed: { allDataRowsHaveBeenProcessed: done } });
    },
    batches: (variables) => {
      const nodes = projectOf(variables).batches.map(({ id, name }) => ({
        id,
        name,
        createdAt: '2026-01-01T00:00:00Z',
      }));
      return data({ project: { batches: { nodes } } });
    },
    createBatchV2: (variables) => {
      const { name, globalKeys, consensusSettings } = variables.input as {
        name: string;
        globalKeys: string[];
        consensusSettings: { numberOfLabels: number };
      };
      const project = projectOf(variables);
      if (!project.ontology) return fault('OPERATION_NOT_ALLOWED', 'the project is not set up');
      if (project.batches.some((batch) => batch.name === name)) return fault('RESOURCE_CONFLICT', 'the name is taken');
      const failedDataRowIds = globalKeys.filter((key) => (rows.get(key)?.looks ?? 0) < 2);
      const keys = new Set(globalKeys.filter((key) => !failedDataRowIds.includes(key)));
      const wanted = consensusSettings.numberOfLabels;
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
    exportMetadataHeader: ({ id }) => {
      const lines = tasks.get(String(id))?.lines ?? [];
      const totalSize = Buffer.byteLength(lines.join(''));
      return data({ task: { exportMetadataHeader: lines.length ? { totalSize, totalLines: lines.length } : null } });
    },
    exportFileFromOffset: ({ id, offset }) => {
      // One line is one piece.
      let at = 0;
      for (const line of tasks.get(String(id))?.lines ?? []) {
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
            performance_details: { seconds_to_create: 41, skipped: false },
            annotations,
          }));
          const own = { name: project.name, labels: given, project_details: { batch_id: batch.id } };
          return `${JSON.stringify({ data_row: { id: key, global_key: key }, projects: { [project.id]: own } })}\n`;
        }),
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
    }),
    asked: server.asked,
    secrets: [KEY, SECRET],
    showsPartial: true,
    cancelsStarted: false,
    work({ workers = 1, amend = false } = {}) {
      for (const { project, batch, key } of bought()) {
        const given = labels.get(key) ?? [];
        labels.set(key, given);
        const { ontology } = project;
        if (!ontology) continue;
        if (amend) for (const label of given) label.annotations = annotate(ontology, `${label.id} again`);
        if (amend || batch.gone.has(key)) continue;
        for (let n = 0; n < workers && given.length < batch.wanted; n++) {
          const id = `L-${key}-${given.length}`;
          given.push({ id, by: `labeler${given.length}@example.com`, annotations: annotate(ontology, id) });
        }
      }
    },
    purchases: (key) => bought().filter((each) => each.key === key).length,
    allPurchases: () => bought().length,
    isCancelled: (key) => bought().some((each) => each.key === key && each.batch.gone.has(key)),
    webhook(_order, placement) {
      const [globalKey] = Object.keys(placement.units);
      const body = Buffer.from(
        JSON.stringify({ id: 'L1', dataRow: { id: 'c1', globalKey }, project: { id: placement.externalId } }),
      );
      const signature = `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`;
      return {
        headers: { 'x-hub-signature': signature, 'x-labelbox-id': 'delivery-1', 'x-labelbox-event': 'LABEL_CREATED' },
        body,
      };
    },
    stop: () => server.stop(),
  };
}
