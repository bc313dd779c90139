import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { expect } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { checkInvariants } from '../../db/queries/invariants.ts';
import { annotatorWorkflowId, campaignWorkflowId, taskWorkflowId } from '../../workflows/messages.ts';
import { recounted } from '../support/recount.ts';
import { replayAll, until } from '../support/rig.ts';
import type { Sight } from './offers.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export interface Aftermath {
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly campaignId: string;
  readonly acknowledged: ReadonlySet<string>;
  /** What annotators saw of leases and receipts, where that was watched. */
  readonly seen?: { readonly leases: readonly Sight[]; readonly receipts: readonly Sight[] };
}

const SETTLED_MS = 90_000;

/** Asserts the seven invariants one by one for a campaign that has ended, each by its own look at the real servers. */
export async function assertInvariants(after: Aftermath): Promise<void> {
  const { campaignId, temporal } = after;
  const db = connect(after.databaseUrl, { max: 2, name: 'quorate-test' });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  try {
    await settled(db, campaignId);
    await storedExactlyOnce(db, after);
    await redundancyExact(db, campaignId);
    await moneyAddsUp(db, campaignId);
    await everyTaskEndedOnce(db, campaignId);
    const runs = await allRuns(client, await expectedWorkflows(db, campaignId));
    await replayAll(runs);
    if (after.seen) await goldLooksLikeWork(db, campaignId, after.seen);
    await nothingSentTwice(db, runs);
    const { tallied, counted } = await recounted(db, campaignId);
    expect(tallied).toEqual(counted);
    const held = await checkInvariants(db, campaignId);
    expect(held).toEqual(Object.fromEntries(Object.keys(held).map((name) => [name, true])));
  } finally {
    await connection.close();
    await db.end({ timeout: 5 });
  }
}

/** The last messages, leases and payments may end a moment after their campaign. */
async function settled(db: Db, campaignId: string): Promise<void> {
  const open = async () => {
    const [row] = await db<{ messages: number; unpaid: number; leased: number; reserved: bigint }[]>`
      select (select count(*)::int from outbox) as messages,
        (select count(*)::int from annotations where campaign_id = ${campaignId} and pay_state = 'pending') as unpaid,
        (select count(*)::int from assignments where campaign_id = ${campaignId} and state = 'leased') as leased,
        reserved_micros as reserved
      from budgets where campaign_id = ${campaignId}`;
    return row;
  };
  const none = { messages: 0, unpaid: 0, leased: 0, reserved: 0n };
  let last: Awaited<ReturnType<typeof open>>;
  await until(
    'everything under way has ended',
    async () => {
      last = await open();
      return Object.entries(none).every(([name, value]) => last?.[name as keyof typeof none] === value);
    },
    SETTLED_MS,
  ).catch(() => expect(last, 'what is left after the campaign').toEqual(none));
}

/** 1: an acknowledged annotation is stored exactly once. */
async function storedExactlyOnce(db: Db, { campaignId, acknowledged }: Aftermath): Promise<void> {
  const ids = [...acknowledged];
  expect(ids.length).toBeGreaterThan(0);
  const stored = await db<{ id: string; labels: number }[]>`
    select n.id, count(l.*)::int as labels from annotations n left join annotation_labels l on l.annotation_id = n.id
    where n.campaign_id = ${campaignId} group by n.id`;
  const byId = new Map(stored.map(({ id, labels }) => [id, labels]));
  expect(
    ids.filter((id) => byId.get(id) !== 1),
    'acknowledged, but not stored with one label',
  ).toEqual([]);
  const twice = await db`
    select assignment_id from annotations where campaign_id = ${campaignId} group by 1 having count(*) > 1`;
  expect([...twice], 'assignments with two answers').toEqual([]);
}

/** 2: never more answers than the policy allows, some where a task was decided; nobody twice on a task. */
async function redundancyExact(db: Db, campaignId: string): Promise<void> {
  const wrong = await db`
    select t.id, t.state, t.redundancy, count(n.id)::int as counted, count(distinct n.annotator_id)::int as people
    from tasks t left join annotations n on n.task_id = t.id and n.counted
    where t.campaign_id = ${campaignId} and t.kind = 'work'
    group by t.id
    having count(n.id) > t.redundancy or count(distinct n.annotator_id) <> count(n.id)
      or (t.state = 'decided' and count(n.id) = 0)`;
  expect([...wrong], 'tasks with too many answers, none, or two of one person').toEqual([]);
  const again = await db`
    select task_id, annotator_id from assignments where campaign_id = ${campaignId} group by 1, 2 having count(*) > 1`;
  expect([...again], 'annotators who were given a task twice').toEqual([]);
}

/** 3: within the cap, the ledger adds up to the balance, and everybody is paid once for each answer. */
async function moneyAddsUp(db: Db, campaignId: string): Promise<void> {
  const [sums] = await db<Record<string, bigint>[]>`
    select b.cap_micros - b.reserved_micros - b.spent_micros as free, b.reserved_micros as reserved,
      b.spent_micros as spent, coalesce(sum(l.amount_micros) filter (where l.kind in ('spend', 'fee')), 0)::bigint as booked,
      coalesce(sum(case l.kind when 'reserve' then l.amount_micros else -l.amount_micros end), 0)::bigint as "left"
    from budgets b left join ledger l on l.campaign_id = b.campaign_id
    where b.campaign_id = ${campaignId} group by b.campaign_id`;
  expect(sums?.free).toBeGreaterThanOrEqual(0n);
  expect(sums).toMatchObject({ reserved: 0n, left: 0n, spent: sums?.booked });
  const wrong = await db`
    select n.id, n.pay_state, count(l.id)::int as payments, sum(l.amount_micros)::bigint as paid, n.price_micros
    from annotations n left join ledger l on l.annotation_id = n.id and l.kind in ('spend', 'fee')
    where n.campaign_id = ${campaignId}
    group by n.id
    having n.pay_state <> 'paid' or count(l.id) filter (where l.kind = 'spend') <> 1 or sum(l.amount_micros) <> n.price_micros
      or min(l.annotator_id::text) <> n.annotator_id::text`;
  expect([...wrong], 'answers that were not paid exactly once').toEqual([]);
}

/** 4: every task has ended, in one state, by one first decision; what came later are revisions of it. */
async function everyTaskEndedOnce(db: Db, campaignId: string): Promise<void> {
  const wrong = await db`
    select t.id, t.state, count(d.id)::int as decisions, max(d.revision) as revisions, min(d.state) as decided
    from tasks t left join decisions d on d.task_id = t.id
    where t.campaign_id = ${campaignId} and t.kind = 'work'
    group by t.id
    having t.state not in ('decided', 'adjudicated', 'unresolved', 'cancelled')
      or count(d.id) filter (where d.revision = 1) <> 1 or count(d.id) <> max(d.revision)
      or (array_agg(d.state order by d.revision desc))[1] <> t.state
      or (t.reopened = 0 and (min(d.state) <> t.state or max(d.state) <> t.state))`;
  expect([...wrong], 'tasks that did not end exactly once').toEqual([]);
}

async function expectedWorkflows(db: Db, campaignId: string): Promise<string[]> {
  const tasks = await db<{ id: string }[]>`select id from tasks where campaign_id = ${campaignId} and kind = 'work'`;
  const graded = await db<{ id: string }[]>`
    select distinct n.annotator_id as id from annotations n join tasks t on t.id = n.task_id
    where n.campaign_id = ${campaignId} and t.kind <> 'work'`;
  return [
    campaignWorkflowId(campaignId),
    ...tasks.map(({ id }) => taskWorkflowId(id)),
    ...graded.map(({ id }) => annotatorWorkflowId(id)),
  ];
}

interface Run {
  readonly workflowId: string;
  readonly status: string;
  readonly history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

/** 5, first half: every run of these workflows with its history. The list of runs lags behind, so it is waited for. */
async function allRuns(client: Client, workflowIds: readonly string[]): Promise<Run[]> {
  const wanted = new Set(workflowIds);
  const isOpen = ({ workflowId, status }: { workflowId: string; status: { name: string } }) =>
    status.name === 'RUNNING' && !workflowId.startsWith('annotator-');
  const listed = await until(
    'all workflows are listed, tasks and campaign as ended',
    async () => {
      const runs = [];
      for await (const run of client.workflow.list()) if (wanted.has(run.workflowId)) runs.push(run);
      const complete = new Set(runs.map(({ workflowId }) => workflowId)).size === wanted.size;
      return complete && !runs.some(isOpen) && runs;
    },
    SETTLED_MS,
  );
  const runs: Run[] = [];
  for (const { workflowId, runId, status } of listed) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push({ workflowId, status: status.name, history });
  }
  return runs;
}

/** 6: neither fields nor ids nor the time given tell gold from work. */
async function goldLooksLikeWork(
  db: Db,
  campaignId: string,
  { leases, receipts }: NonNullable<Aftermath['seen']>,
): Promise<void> {
  const rows = await db<{ id: string; gold: boolean; heldMs: number }[]>`
    select a.id, t.kind <> 'work' as gold, round(extract(epoch from a.expires_at - coalesce(a.renewed_at, a.leased_at)) * 1000)::int as "heldMs"
    from assignments a join tasks t on t.id = a.task_id where a.campaign_id = ${campaignId}`;
  const gold = new Map(rows.map((row) => [row.id, row.gold]));
  for (const [what, sights] of Object.entries({ leases, receipts })) {
    const shapes = (isGold: boolean) => [
      ...new Set(sights.filter(({ assignmentId }) => gold.get(assignmentId) === isGold).map(({ shape }) => shape)),
    ];
    expect(shapes(true), `${what} of gold tasks against those of work`).toEqual(shapes(false));
    expect(shapes(true), `${what} have one shape`).toHaveLength(1);
  }
  const held = (isGold: boolean) => [...new Set(rows.filter((row) => row.gold === isGold).map(({ heldMs }) => heldMs))];
  expect(held(true), 'time given for gold against work').toEqual(held(false));
}

/** 7: what leaves carries a key: one workflow run a task, no ledger entry twice. */
async function nothingSentTwice(db: Db, runs: readonly Run[]): Promise<void> {
  const tasks = runs.filter(({ workflowId }) => workflowId.startsWith('task-'));
  expect(tasks.length).toBeGreaterThan(0);
  expect(new Set(tasks.map(({ workflowId }) => workflowId)).size, 'one run a task').toBe(tasks.length);
  expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
  const [keys] = await db<{ all: number; different: number }[]>`
    select count(*)::int as all, count(distinct key)::int as different from ledger`;
  expect(keys?.different).toBe(keys?.all);
}
