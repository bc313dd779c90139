/**
 * `next` and submit over HTTP with 50 thousand and a million tasks open, at 1, 8, 32 and 128 clients, and the races that
 * other annotation servers lose; what was stored is counted afterwards. Ends with an error where a slot was given twice, an
 * acknowledged answer is not there, or one is there twice.
 * `node dist/bench/http.js [seconds per cell] [few tasks] [many tasks] [clients, for that many alone]`
 */
import type { Running } from '../cli/up.ts';
import { connect, type Db, PATIENT_MS } from '../db/client.ts';
import { type Clients, type Measured, openPool, runClients, withoutWorkers } from './door.ts';
import { machine, makeAnnotators, until, withStack } from './support.ts';

const [seconds = 5, FEW = 50_000, MANY = 1_000_000, only] = process.argv.slice(2).map(Number);
const CLIENTS = only === undefined ? [1, 8, 32, 128] : [only];
const REDUNDANCY = 3;
/** Tasks of a race: few, so that everybody wants the same. */
const RACED = 60;
const RACERS = 32;
/** The most a race may take. */
const RACE_S = 60;

/** What must be 0. */
const FAULTS = ['slotsGivenTwice', 'tasksOverRedundancy', 'tasksTwiceToOne', 'answersLost'] as const;

type Faults = Readonly<Record<(typeof FAULTS)[number], number>>;

interface Result extends Faults {
  readonly name: string;
  readonly clients: number;
  readonly loopsPerS: number;
  readonly nextMs: Measured['next'];
  readonly submitMs: Measured['submit'];
  readonly doorCpuMsPerLoop: number;
  readonly answers: number;
  readonly repeats: number;
  readonly refused: number;
}

await withStack((stack) =>
  withoutWorkers(stack, async () => {
    const db = connect(stack.databaseUrl, { max: 2, silentMs: PATIENT_MS });
    try {
      const keys = await makeAnnotators(stack, Math.max(RACERS, ...CLIENTS));
      const results: Result[] = [];
      const run = async (name: string, clients: Clients, meanwhile: () => Promise<void> = async () => undefined) => {
        const [measured] = await Promise.all([runClients(stack, clients), meanwhile()]);
        const result = { ...resultOf(name, clients, measured), ...(await faultsOf(db, clients.campaignId, measured)) };
        process.stderr.write(`${JSON.stringify(result)}\n`);
        results.push(result);
      };
      const pools = [];
      for (const tasks of [FEW, MANY]) {
        pools.push({ tasks, campaignId: await openPool(stack, db, tasks * REDUNDANCY) });
      }
      await db.unsafe('vacuum analyze');
      for (const count of CLIENTS) {
        // As a server that has been up for some seconds: connections are made and code is compiled meanwhile.
        const campaignId = pools.at(-1)?.campaignId ?? '';
        await run(`start of ${count} clients`, { keys: keys.slice(0, count), campaignId, seconds });
        // Few and many in turn, so that a noisy minute meets both.
        for (const { tasks, campaignId } of pools) {
          await run(`${tasks} tasks`, { keys: keys.slice(0, count), campaignId, seconds });
        }
      }
      const race = async () => ({ campaignId: await openPool(stack, db, RACED * REDUNDANCY), seconds: RACE_S });
      const racers = keys.slice(0, RACERS);
      await run('few tasks, many annotators', { ...(await race()), keys: racers, untilEmpty: true });
      const twoTabs = racers.slice(0, 8).flatMap((key) => [key, key]);
      await run('two tabs each', { ...(await race()), keys: twoTabs, untilEmpty: true });
      await run('everything sent twice', { ...(await race()), keys: racers, untilEmpty: true, twice: true });
      const [few] = pools;
      const killed: Clients = { keys: racers, campaignId: few?.campaignId ?? '', seconds: 10, stubborn: true };
      await run('the API is killed', killed, () => killOnce(stack));
      process.stdout.write(`${JSON.stringify({ machine: machine(), secondsPerCell: seconds, results }, null, 2)}\n`);
      const wrong = results.filter((each) => FAULTS.some((fault) => each[fault] > 0));
      const idle = results.filter(({ answers }) => answers === 0);
      if (idle.length > 0) throw new Error(`Nobody answered in: ${idle.map(({ name }) => name).join(', ')}.`);
      if (wrong.length > 0) throw new Error(`Faults in: ${wrong.map(({ name }) => name).join(', ')}.`);
    } finally {
      await db.end();
    }
  }),
);

function resultOf(name: string, { keys }: Clients, measured: Measured): Omit<Result, keyof Faults> {
  const { next, submit, requestsPerS, cpuMsPerRequest, acknowledged, repeats, refused } = measured;
  return {
    ...{ name, clients: keys.length, loopsPerS: Number((requestsPerS / 2).toFixed(1)), nextMs: next, submitMs: submit },
    doorCpuMsPerLoop: Number((2 * cpuMsPerRequest.door).toFixed(2)),
    ...{ answers: new Set(acknowledged).size, repeats, refused },
  };
}

/** Counts in the database what must not be there, and what must. */
async function faultsOf(db: Db, campaignId: string, { acknowledged }: Measured): Promise<Faults> {
  const ids = [...new Set(acknowledged)];
  const [row] = await db<Faults[]>`
    with given as (
      select a.task_id, a.slot_no, a.annotator_id, a.state, n.id, coalesce(n.counted, false) as counted
      from assignments a left join annotations n on n.assignment_id = a.id where a.campaign_id = ${campaignId}
    )
    select
      (select count(*) from (select from given where state = 'leased' or counted
        group by task_id, slot_no having count(*) > 1) twice)::int as "slotsGivenTwice",
      (select count(*) from (select from given where counted
        group by task_id having count(*) > ${REDUNDANCY}) more)::int as "tasksOverRedundancy",
      (select count(*) from (select from given where id is not null
        group by task_id, annotator_id having count(*) > 1) same)::int as "tasksTwiceToOne",
      (select count(*) from unnest(${ids}::uuid[]) told (id)
        where not exists (select from annotations n where n.id = told.id))::int as "answersLost"`;
  if (!row) throw new Error('The database did not answer.');
  return row;
}

/** Kills the API while clients ask, and waits until it is there again. */
async function killOnce(stack: Running): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = stack.pids.api();
  if (before === undefined) throw new Error('The API does not run.');
  process.kill(before, 'SIGKILL');
  await until(async () => {
    const now = stack.pids.api();
    return now !== undefined && now !== before;
  }, 30_000);
}
