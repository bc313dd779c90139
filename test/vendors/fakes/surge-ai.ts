import type { FormQuestion } from '../../../domain/vendors/form.ts';
import { createSurgeAi } from '../../../vendors/surge-ai.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, answersOf, FakeServer, type Reply } from '../fake.ts';

interface Question {
  readonly type: string;
  readonly text: string;
  readonly options?: string[];
}

interface Task {
  readonly id: string;
  readonly fields: Record<string, string>;
  responses: {
    id: string;
    worker_id: string;
    completed_at: string;
    time_spent_in_secs: number;
    data: Record<string, unknown>;
  }[];
}

interface Project {
  readonly id: string;
  readonly name: string;
  readonly tags: string[];
  readonly questions: Question[];
  readonly workers: number;
  payment_per_response: number;
  readonly callback_url: string | undefined;
  readonly tasks: Task[];
  status: 'unlaunched' | 'in_progress' | 'canceled';
}

const KEY = 'planted-surge-key';
const CALLBACK_SECRET = 'planted-surge-callbacks';
const MAX_PAGE = 4;

/** Surge AI as its documents tell: nothing is idempotent, pages end with an empty one, work begins with the launch. */
export async function surgeAiBench(options: BenchOptions = {}): Promise<Bench & { readonly projects: Project[] }> {
  const projects: Project[] = [];
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers }) =>
      headers.authorization === `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`
        ? undefined
        : { status: 401, body: 'no' },
    answer,
  });
  const baseUrl = await server.start();
  const allTasks = () => projects.flatMap((project) => project.tasks.map((task) => ({ project, task })));

  function answer({ method, path, query, body }: Asked): Reply {
    const [, api, kind, id, action, detail] = path.split('/').map(decodeURIComponent);
    if (api !== 'api' || kind !== 'projects') return { status: 404, body: 'not here' };
    const page = <T>(list: readonly T[]) => {
      const size = Math.min(MAX_PAGE, Number(query.get('per_page')));
      const from = (Number(query.get('page')) - 1) * size;
      return list.slice(from, from + size);
    };
    if (id === undefined) {
      if (method === 'GET') return { status: 200, body: { projects: page(projects).map(view) } };
      return createProject(body as never);
    }
    const project = projects.find((each) => each.id === id);
    if (!project) return { status: 404, body: 'no such project' };
    if (method === 'GET' && action === undefined) return { status: 200, body: view(project) };
    if (method === 'GET' && action === 'tasks')
      return { status: 200, body: { tasks: page(project.tasks).map((task) => taskView(project, task)) } };
    if (method === 'POST' && action === 'tasks' && detail === 'create_tasks') {
      const { tasks } = body as { tasks: Record<string, string>[] };
      for (const fields of tasks) project.tasks.push({ id: `t-${id}-${project.tasks.length}`, fields, responses: [] });
      return { status: 200, body: { tasks: project.tasks.map((task) => taskView(project, task)) } };
    }
    if (method === 'PUT' && action === 'launch') {
      project.status = 'in_progress';
      return { status: 200, body: view(project) };
    }
    if (method === 'PUT' && action === 'cancel') {
      project.status = 'canceled';
      return { status: 200, body: view(project) };
    }
    return { status: 404, body: 'not here' };
  }

  function createProject(given: {
    name: string;
    tags: string[];
    questions: Question[];
    num_workers_per_task: number;
    payment_per_response: number;
    callback_url?: string;
  }): Reply {
    const { name, tags, questions, num_workers_per_task: workers, payment_per_response, callback_url } = given;
    const project: Project = {
      id: `p${projects.length}`,
      name,
      tags,
      questions,
      workers,
      payment_per_response,
      callback_url,
      tasks: [],
      status: 'unlaunched',
    };
    projects.push(project);
    return { status: 200, body: view(project) };
  }

  const view = ({ id, name, tags, status, tasks, workers, payment_per_response }: Project) => {
    return { payment_per_response, id, name, tags, status, num_tasks: tasks.length, num_workers_per_task: workers };
  };
  const taskView = (project: Project, { id, fields, responses }: Task) => {
    const is_complete = responses.length >= project.workers;
    return {
      id,
      project_id: project.id,
      status: is_complete ? 'completed' : 'created',
      is_complete,
      fields,
      responses,
    };
  };

  function dataOf(project: Project, seed: string): Record<string, unknown> {
    return Object.fromEntries(
      project.questions.map((question, at): [string, unknown] => {
        const options = (question.options ?? []).map((label) => ({ value: label, label }));
        const head = { id: `${at}`, title: '' };
        const asked: Record<string, FormQuestion> = {
          multiple_choice: { ...head, kind: 'choice', options },
          checkbox: { ...head, kind: 'choices', options },
          free_response: { ...head, kind: 'text', minLength: 1, maxLength: 100 },
        };
        if (question.type === 'ranking') return [question.text, [...(question.options ?? [])].reverse()];
        if (question.type === 'text_tagging')
          return [question.text, [{ start: 0, end: 3, label: question.options?.[0] }]];
        const form = asked[question.type];
        if (!form) throw new Error(`Surge AI has no question of type ${question.type}.`);
        return [question.text, answersOf([form], `${seed} ${at}`)[`${at}`]];
      }),
    );
  }

  return {
    vendor: createSurgeAi({
      ...{ baseUrl, apiKey: KEY, callbackSecret: CALLBACK_SECRET },
      timeoutMs: options.timeoutMs ?? 2000,
    }),
    projects,
    asked: server.asked,
    env: { SURGE_BASE_URL: baseUrl, SURGE_API_KEY: KEY, SURGE_CALLBACK_SECRET: CALLBACK_SECRET },
    secrets: [KEY, Buffer.from(`${KEY}:`).toString('base64'), CALLBACK_SECRET],
    showsPartial: true,
    cancelsStarted: true,
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const [at, { project, task }] of allTasks().entries()) {
        if (part && at % 2 > 0) continue;
        if (amend)
          task.responses = task.responses.map((each) => ({ ...each, data: dataOf(project, `${each.id} again`) }));
        if (amend || project.status !== 'in_progress') continue;
        for (let n = 0; n < workers && task.responses.length < project.workers; n++) {
          const id = `${task.id}-${task.responses.length}`;
          task.responses.push({
            id,
            worker_id: `w${task.responses.length}`,
            completed_at: '2026-11-01',
            time_spent_in_secs: 21,
            data: dataOf(project, id),
          });
        }
      }
    },
    purchases: (key) => allTasks().filter(({ task }) => task.fields._ext_id === key).length,
    allPurchases: () => allTasks().length,
    isCancelled: (key) =>
      allTasks().some(({ project, task }) => task.fields._ext_id === key && project.status === 'canceled'),
    /** What is in it differs between its documents: here the project. */
    webhook(_order, placement, event) {
      const project = projects.find(({ id }) => id === placement.externalId);
      const address = project?.callback_url;
      if (project === undefined || address === undefined) return undefined;
      const path = new URL(address).pathname.split('/').at(-1) ?? '';
      return { headers: {}, body: Buffer.from(JSON.stringify({ ...view(project), event })), path };
    },
    stop: () => server.stop(),
  };
}
