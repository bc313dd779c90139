import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { connect, type Db, PATIENT_MS } from '../../db/client.ts';
import { answersByItem } from '../../db/queries/exports.ts';
import { checkInvariants } from '../../db/queries/invariants.ts';
import { judgeStandings, whoDecided } from '../../db/queries/judging.ts';
import { QuorateError } from '../../domain/failures.ts';
import { loadConfig } from '../../runtime/config.ts';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { ApiClient } from '../client.ts';
import { up } from '../up.ts';
import { buildTruthIndex } from './crowd.ts';
import type { DemoOptions } from './index.ts';
import { compared, type JudgeReport, judgeReportLines, type Way } from './judge-report.ts';
import { type Played, playCampaign } from './play.ts';
import { type DemoItem, presets } from './presets.ts';
import { choiceOf, writeReport } from './report.ts';
import { STAND_INS, startStandIns } from './stand-in-judges.ts';

/** How probable a label has to be, whoever gives it: judges alone need as much as people together. */
const TARGET = 0.7;

const PEOPLE = {
  ...presets.preference,
  campaign: {
    ...presets.preference.campaign,
    name: 'Demo: people only',
    redundancyPolicy: 'adaptive',
    minConfidence: TARGET,
    onDisagreement: 'extend',
    batchSize: 20,
    maxInFlight: 40,
    refitEvery: 20,
    windowMs: 60_000,
    agreementWatch: null,
    // 24 annotators who meet ten golds each would be most of what so small a set costs.
    goldRatio: 0.05,
    goldFloor: 0,
  },
};

const BLENDED = {
  ...PEOPLE,
  campaign: {
    ...PEOPLE.campaign,
    name: 'Demo: judges first, then people',
    workforces: ['llm', 'internal'],
    vendors: { llm: { priceUsd: '0.05' } },
    judge: { auditShare: 0.1, minAudited: 20, target: TARGET },
    escalation: [{ step: 'next_workforce' }, { step: 'raise_priority' }, { step: 'give_up' }],
  },
};

/**
 * Labels the preference set twice, by people only and by judges first with people where these are unsure, and reports
 * what each way costs and how often it is right, beside the judges alone. People and judges are simulated. Starts a
 * stack of its own, as the workers must know the judges.
 */
export async function runJudgeDemo(options: DemoOptions): Promise<JudgeReport> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const config = loadConfig();
  if (readEndpoint(config.home)) {
    throw new QuorateError(
      'conflict',
      'A stack runs on this data folder; stop it first, as its workers know no judges.',
    );
  }
  const seed = options.seed ?? 'quorate';
  const startedMs = performance.now();
  const { items, known } = await presets.preference.load(seed);
  const standIns = await startStandIns({ seed, truthOf: buildTruthIndex(known) });
  Object.assign(process.env, judgeEnvironment(standIns.baseUrl));
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const stack = await up(config, say).catch(async (error: unknown) => {
    await standIns.stop();
    throw error;
  });
  try {
    say('\nPeople and judges are simulated: programs that know the truth and err as their skills and biases say.');
    const demo = { client: new ApiClient({ url: stack.url, apiKey: stack.apiKey }), url: stack.url };
    const run = { seed, items, known, interrupted: interrupted.signal };
    const begun = (name: string) => () => say(`\n${name}`);
    const people = await playCampaign(demo, { ...run, preset: PEOPLE, begun: begun('People only') });
    const blended = await playCampaign(demo, { ...run, preset: BLENDED, begun: begun('Judges first, then people') });
    const folder = options.out ?? join(packageRoot(), 'out', 'demo-judge');
    mkdirSync(folder, { recursive: true });
    const db = connect(stack.databaseUrl, { max: 2, name: 'quorate-demo', silentMs: PATIENT_MS });
    try {
      const report = await makeReport(db, { items, people, blended, seconds: (performance.now() - startedMs) / 1000 });
      const file = writeReport(folder, report);
      if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else process.stdout.write(`\n${judgeReportLines(report).join('\n')}\n`);
      say(`\nWritten: ${relative(process.cwd(), file)}`);
      return report;
    } finally {
      await db.end({ timeout: 5 });
    }
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await stack.stop();
    await standIns.stop();
  }
}

function judgeEnvironment(baseUrl: string): Record<string, string> {
  return {
    JUDGE_BASE_URL: baseUrl,
    JUDGE_MODEL: STAND_INS.map(({ model }) => model).join(','),
    JUDGE_INPUT_USD_PER_MTOK: STAND_INS.map(({ prices }) => prices.input).join(','),
    JUDGE_OUTPUT_USD_PER_MTOK: STAND_INS.map(({ prices }) => prices.output).join(','),
    JUDGE_REQUESTS_PER_MINUTE: '100000',
  };
}

async function makeReport(
  db: Db,
  facts: { items: readonly DemoItem[]; people: Played; blended: Played; seconds: number },
): Promise<JudgeReport> {
  const { people, blended } = facts;
  const truth = new Map(facts.items.filter(({ gold }) => !gold).map(({ key, truth: label }) => [key, label]));
  const wayOf = async ({ campaignId, campaign }: Played): Promise<Way> => {
    let [right, tasks] = [0, 0];
    for await (const rows of answersByItem(db, campaignId, 500)) {
      for (const { key, label } of rows) {
        const known = truth.get(key);
        if (known === undefined) continue;
        tasks += 1;
        if (choiceOf(label) === known) right += 1;
      }
    }
    return { right, tasks, spentMicros: campaign.budget.spentMicros };
  };
  const invariants: Record<string, boolean> = { ...(await checkInvariants(db, people.campaignId)) };
  for (const [name, holds] of Object.entries(await checkInvariants(db, blended.campaignId)))
    invariants[name] = holds && invariants[name] === true;
  const { aloneTasks } = await whoDecided(db, blended.campaignId);
  return compared({
    people: await wayOf(people),
    blended: await wayOf(blended),
    judges: await judgesAlone(db, blended.campaignId, truth),
    decidedAlone: aloneTasks,
    standings: (await judgeStandings(db, blended.campaignId)).map(({ judge, trust, agrees, correlation }) => {
      return { judge, trust, agrees, correlation };
    }),
    invariants,
    seconds: Math.round(facts.seconds * 10) / 10,
  });
}

/** What each judge said of every task it was given, as if that had been the label. */
async function judgesAlone(db: Db, campaignId: string, truth: ReadonlyMap<string, string>) {
  const rows = await db<{ judge: string; key: string; label: unknown; micros: bigint }[]>`
    select w.worker_id as judge, i.key, l.label, coalesce(r.cost_micros, 0)::bigint as micros
    from annotations n
    join vendor_workers w on w.annotator_id = n.annotator_id and w.vendor = 'llm'
    join annotation_labels l on l.annotation_id = n.id
    join vendor_responses r on r.annotation_id = n.id
    join tasks t on t.id = n.task_id join items i on i.id = t.item_id
    where n.campaign_id = ${campaignId} order by w.worker_id, i.key`;
  const ways: Record<string, { right: number; tasks: number; spentMicros: number }> = {};
  for (const { judge, key, label, micros } of rows) {
    const known = truth.get(key);
    if (known === undefined) continue;
    const way = ways[judge] ?? { right: 0, tasks: 0, spentMicros: 0 };
    ways[judge] = way;
    way.tasks += 1;
    way.spentMicros += Number(micros);
    if (choiceOf(label) === known) way.right += 1;
  }
  return ways;
}
