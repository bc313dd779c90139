// Records histories of representative workflow runs on the real dev server, for test/replay to replay for ever after:
//   node scripts/record-histories.mjs [version]
// Writes test/replay/histories/<workflow>.<case>.v<version>.json. What is there already is a record and stays as it
// is: a change of the workflows' shape gets a new version beside it. Activities are stubs; the workflows are real.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'test', 'replay', 'histories');
const version = process.argv[2] ?? '1';
const { loadConfig } = await import('../dist/runtime/config.js');
const { freePort } = await import('../dist/runtime/ports.js');
const { findTemporal, startTemporal } = await import('../dist/runtime/temporal.js');

const HOUR = 3600 * 1000;
const campaignPolicy = {
  mode: 'streaming',
  batchSize: 4,
  maxInFlight: 8,
  refitEvery: 4,
  deadlineMs: null,
  targetAccuracy: null,
  plateau: null,
};
const taskPolicy = {
  version: 1,
  redundancy: 3,
  maxRedundancy: 3,
  minConfidence: 0.6,
  onDisagreement: 'accept',
  windowMs: HOUR,
  adjudicationMs: HOUR,
  escalation: [{ step: 'give_up' }],
};

let pool = 0;
let chosen = 0;
let confidence = 0.9;
let ambiguous = false;
let wentOn = false;
const activities = {
  openSlots: async () => undefined,
  taskLeft: async () => ({
    ...{ countedIds: ['a'], arrivedIds: ['b'], target: 3, redundancy: 3, escalations: 1 },
    ...{ adjudicating: false, pausedAtMs: null, judged: false, heeded: true },
  }),
  reopenedAnswers: async () => ({ open: true, countedIds: ['a', 'b'], target: 3, slotOffset: 1 }),
  assessAnswers: async ({ annotationIds, due }) => {
    const countedIds = annotationIds.filter((id) => id !== 'stranger');
    if (!due || countedIds.length < due.missing) return { countedIds };
    return { countedIds, tried: await activities.decideTask(due) };
  },
  decideTask: async ({ acceptAny, minConfidence }) => ({
    settled: acceptAny || confidence >= minConfidence,
    confidence,
  }),
  heedJudges: async ({ taskId }) => {
    if (taskId.includes('alone')) return { settled: true };
    return taskId.includes('audited')
      ? { settled: false, why: 'audit', target: 3 }
      : { settled: false, why: 'below_target' };
  },
  ruleTask: async () => ({}),
  closeTask: async ({ taskId, heard }) => {
    const annotationIds = ['a', 'b', 'c'].filter((id) => !heard?.annotationIds.includes(id));
    return taskId.includes('unheard') && annotationIds.length > 0 ? { annotationIds, clock: [] } : undefined;
  },
  setPriority: async () => undefined,
  addSlots: async ({ toRedundancy }) =>
    toRedundancy > 4 ? { refused: 'The budget has no room for more answers.' } : {},
  escalateTask: async ({ taskId, heard }) => {
    if (!taskId.includes('unheard') || heard.clockAtMs > 0) return {};
    const atMs = Date.now();
    const clock = [
      { message: 'paused', atMs: atMs - 200 },
      { message: 'resumed', atMs },
    ];
    return { unheard: { annotationIds: [], clock } };
  },
  pauseCampaign: async () => undefined,
  resumeCampaign: async () => undefined,
  markStopping: async () => undefined,
  // What was given back to the pool at the end is worked on, once.
  endCampaign: async ({ campaignId, unlessPoolGrew }) => {
    if (!campaignId.includes('goes-on') || !unlessPoolGrew || wentOn) return undefined;
    wentOn = true;
    pool = 3;
    return { open: [], poolGrew: true };
  },
  setBudget: async () => undefined,
  setRedundancy: async () => ({ policyVersion: 2 }),
  findEnded: async () => [],
  bookKept: async ({ annotatorId }) => {
    if (!annotatorId.includes('kept')) return undefined;
    const part = { standing: 'suspended', goldTotal: 3, goldCorrect: 1, qualityScore: 0.4 };
    const changed = { atMs: Date.now() - HOUR, byHand: false, recalibrations: 0 };
    return { general: { ...part, changed }, types: { span: part }, graded: [] };
  },
  campaignLeft: async () => ({
    ...{ phase: 'running', stopReason: null, round: 3, settled: 5 },
    inFlight: [`t${chosen - 1}`, `t${chosen - 2}`],
  }),
  gradeGold: async ({ annotationIds }) =>
    annotationIds.map((annotationId) => ({
      annotationId,
      correct: annotationId.startsWith('right'),
      atMs: Date.now(),
      ...(annotationId.includes(':') ? { taskType: annotationId.split(':')[1] } : {}),
    })),
  storeStanding: async () => undefined,
  loadPayout: async () => ({
    state: payoutState,
    frozenAtMs: Date.now(),
    exportedAtMs: Date.now() - payoutAgeMs,
    items: 2,
    sent: payoutState === 'exported' ? payoutSent : 0,
    ambiguous: payoutState === 'exported' ? payoutAmbiguous : 0,
    ...(unsettled.length > 0 ? { unsettled } : {}),
  }),
  collectPayout: async () => {
    payoutState = 'frozen';
  },
  exportPayout: async () => {
    payoutState = 'exported';
  },
  cancelPayout: async () => {
    payoutState = 'cancelled';
  },
  askAboutPayout: async () => {
    payoutAmbiguous = payoutSent;
    payoutSent = 0;
  },
  closePayout: async () => {
    payoutState = 'closed';
  },
};

/** A run that is approved, and whose report never comes. */
let payoutState = 'collecting';
let payoutSent = 1;
let payoutAmbiguous = 0;
let payoutAgeMs = 15 * 24 * HOUR;
/** Payments that are settled at their vendors: the second one's cannot be asked at first. */
let unsettled = [];
let settlings = 0;
const learning = {
  selectBatch: async ({ count }) => {
    const found = Math.min(count, pool);
    pool -= found;
    const taskIds = Array.from({ length: found }, () => `t${chosen++}`);
    return { taskIds, blocked: found === 0 ? 'pool_empty' : null };
  },
  fitModel: async () => ({ point: { labels: 4, accuracy: 0.8, low: 0.7 }, ...(ambiguous ? { ambiguous } : {}) }),
  reviseDecisions: async () => ({ judged: 0, revised: 0 }),
  previewSelection: async () => ({
    strategy: 'combined',
    round: 1,
    chosen: [{ itemId: 'i1', selection: { strategy: 'combined', rank: 0, score: 0.5 } }],
  }),
};

/** An order that its vendor takes, answers at the second look, and is told to cancel one task of. */
let orderState = 'intent';
let looked = 0;
let cancels = 0;
let hedged = true;
const atVendors = {
  loadOrder: async () => ({
    ...(hedged ? {} : { hedgeAtMs: Date.now() - 1 }),
    state: orderState,
    outstanding: orderState === 'placed' && looked < 3 ? 2 : 0,
    cancels,
    held: 0,
    deadlineMs: Date.now() + HOUR,
    graceMs: HOUR,
    pollMs: [200],
  }),
  submitOrder: async ({ orderId }) => {
    if (orderId.includes('refused')) throw ApplicationFailure.nonRetryable('no', 'vendor_refused');
    orderState = 'placed';
  },
  collectOrder: async ({ orderId }) => {
    if (looked++ === 0 && orderId.includes('outlived')) throw ApplicationFailure.nonRetryable('no', 'vendor_refused');
  },
  hedgeOrder: async () => {
    hedged = true;
    return { hedged: 1 };
  },
  cancelUnits: async () => {
    cancels = 0;
  },
  paymentQueue: async () => ({}),
  settlePayment: async ({ paymentId }) => {
    if (settlings++ === 1) throw ApplicationFailure.nonRetryable('no', 'vendor_refused');
    unsettled = unsettled.filter((id) => id !== paymentId);
    payoutSent = unsettled.length;
  },
  expireOrder: async () => undefined,
  endOrder: async ({ state }) => {
    orderState = state;
  },
};

/** Each records one workflow: `start` begins it, the rest is what happens to it. */
const cases = {
  'annotation-task.decided': async ({ start }) => {
    const task = await start('annotationTaskWorkflow', { policy: taskPolicy, decidesAtOnce: true });
    for (const [at, id] of ['a', 'b', 'c'].entries()) {
      await task.signal('annotationsSubmitted', { annotationIds: [id, 'stranger'] });
      if (at < 2) await until(async () => (await task.query('taskState')).counted.length === at + 1);
    }
    await task.result();
  },
  'annotation-task.adjudicated': async ({ start }) => {
    const escalation = [{ step: 'raise_pay', by: 0.5 }, { step: 'adjudicate' }];
    const task = await start('annotationTaskWorkflow', {
      policy: { ...taskPolicy, windowMs: 300, escalation },
      decidesAtOnce: true,
    });
    await until(async () => (await task.query('taskState')).phase === 'adjudicating');
    await task.executeUpdate('adjudicate', { args: [{ rulingId: 'r1', by: 'an expert' }] });
    await task.result();
  },
  'annotation-task.cancelled': async ({ start }) => {
    const task = await start('annotationTaskWorkflow', { policy: taskPolicy, decidesAtOnce: true });
    const { openedAtMs } = await task.query('taskState');
    await task.signal('paused', { atMs: openedAtMs + 10 });
    await until(async () => (await task.query('taskState')).pausedAtMs !== null);
    await task.signal('resumed', { atMs: openedAtMs + 5010 });
    await task.executeUpdate('reprioritize', { args: [{ priority: 3 }] });
    await task.executeUpdate('cancelTask', { args: [{ reason: 'not needed' }] });
    await task.result();
  },
  'annotation-task.unheard': async ({ start }) => {
    const policy = { ...taskPolicy, windowMs: 300, escalation: [{ step: 'raise_priority' }, { step: 'give_up' }] };
    const task = await start('annotationTaskWorkflow', { policy, decidesAtOnce: true });
    await task.signal('annotationsSubmitted', { annotationIds: ['a'] });
    await task.result();
  },
  'annotation-task.extended': async ({ start }) => {
    confidence = 0.5;
    const policy = { ...taskPolicy, onDisagreement: 'extend', maxRedundancy: 5 };
    const task = await start('annotationTaskWorkflow', { policy, decidesAtOnce: true });
    await task.signal('annotationsSubmitted', { annotationIds: ['a', 'b', 'c'] });
    await until(async () => (await task.query('taskState')).target === 4);
    await task.signal('annotationsSubmitted', { annotationIds: ['d'] });
    await task.result();
    confidence = 0.9;
  },
  'annotation-task.revived': async ({ start }) => {
    const task = await start('annotationTaskWorkflow', { policy: taskPolicy, decidesAtOnce: true, revived: true });
    await until(async () => (await task.query('taskState')).counted.length === 2);
    await task.signal('annotationsSubmitted', { annotationIds: ['c'] });
    await task.result();
  },
  'annotation-task.reopened': async ({ start }) => {
    confidence = 0.5;
    const policy = { ...taskPolicy, onDisagreement: 'extend', maxRedundancy: 4 };
    const task = await start('annotationTaskWorkflow', { policy, reopened: 1 });
    await until(async () => (await task.query('taskState')).target === 3);
    await task.signal('annotationsSubmitted', { annotationIds: ['c'] });
    await task.result();
    confidence = 0.9;
  },
  'annotation-task.judged': async ({ start }) => {
    const task = await start('annotationTaskWorkflow', {
      policy: { ...taskPolicy, judgeFirst: true },
      decidesAtOnce: true,
    });
    await task.signal('annotationsSubmitted', { annotationIds: ['a'] });
    await task.signal('judged');
    await until(async () => (await task.query('taskState')).heeded);
    await task.signal('annotationsSubmitted', { annotationIds: ['b', 'c'] });
    await task.result();
  },
  'annotation-task.judged-alone': async ({ start }) => {
    const policy = { ...taskPolicy, judgeFirst: true };
    const task = await start('annotationTaskWorkflow', { policy, decidesAtOnce: true });
    await task.signal('annotationsSubmitted', { annotationIds: ['a'] });
    await task.signal('judged');
    await task.result();
  },
  // An answer of each judge is all that was wanted, and nothing is decided before these are heeded.
  'annotation-task.audited': async ({ start }) => {
    const policy = { ...taskPolicy, redundancy: 1, maxRedundancy: 1, judgeFirst: true, heedsFirst: true };
    const task = await start('annotationTaskWorkflow', { policy, decidesAtOnce: true });
    await task.signal('annotationsSubmitted', { annotationIds: ['a'] });
    await until(async () => (await task.query('taskState')).target === 3);
    await task.signal('judged');
    await task.signal('annotationsSubmitted', { annotationIds: ['b', 'c'] });
    await task.result();
  },
  'campaign.ambiguous': async ({ start }) => {
    pool = 12;
    const from = chosen;
    ambiguous = true;
    const campaign = await start('campaignWorkflow', { policy: campaignPolicy });
    await until(async () => {
      const { phase, inFlight } = await campaign.query('campaignState');
      const mine = inFlight.filter((id) => Number(id.slice(1)) >= from);
      if (phase === 'running' && mine.length > 0) await campaign.signal('tasksSettled', { taskIds: mine.slice(0, 1) });
      return phase === 'paused';
    });
    ambiguous = false;
    await campaign.executeUpdate('resume', { args: [] });
    await settleAll(campaign, from);
    await campaign.result();
  },
  'campaign.continued': async ({ start }) => {
    pool = 12;
    const campaign = await start('campaignWorkflow', { policy: campaignPolicy, eventsPerRun: 25 });
    await settleAll(campaign, chosen);
    await campaign.result();
  },
  'campaign.goes-on': async ({ start }) => {
    pool = 4;
    const campaign = await start('campaignWorkflow', { policy: campaignPolicy });
    await settleAll(campaign, chosen);
    await campaign.result();
  },
  'campaign.stopped': async ({ start }) => {
    pool = 100;
    const from = chosen;
    const campaign = await start('campaignWorkflow', { policy: { ...campaignPolicy, mode: 'rounds' } });
    await until(async () => (await campaign.query('campaignState')).inFlight.length === 4);
    await campaign.executeUpdate('pause', { args: [] });
    await campaign.executeUpdate('setBudget', { args: [{ capMicros: '5000000' }] });
    await campaign.executeUpdate('setRedundancy', { args: [{ redundancy: 5, maxRedundancy: null }] });
    await campaign.executeUpdate('resume', { args: [] });
    await campaign.signal('poolGrew');
    await campaign.executeUpdate('stop', { args: [{ drain: true }] });
    await campaign.executeUpdate('stop', { args: [{ drain: false }] });
    await settleAll(campaign, from);
    await campaign.result();
  },
  'campaign.revived': async ({ start }) => {
    pool = 4;
    chosen += 2;
    const from = chosen - 2;
    const campaign = await start('campaignWorkflow', { policy: campaignPolicy, revived: true });
    await until(async () => (await campaign.query('campaignState')).round > 3);
    await settleAll(campaign, from);
    await campaign.result();
  },
  'campaign.funded': async ({ start }) => {
    pool = 4;
    const from = chosen;
    const campaign = await start('campaignWorkflow', { policy: campaignPolicy });
    await until(async () => (await campaign.query('campaignState')).blocked === 'pool_empty');
    await campaign.signal('budgetChanged');
    await settleAll(campaign, from);
    await campaign.result();
  },
  'annotator.suspended': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    await annotator.signal('goldAnswered', { annotationIds: ['right-1', 'wrong-1'] });
    const wrong = Array.from({ length: 10 }, (_, at) => `wrong-${at}`);
    await annotator.signal('goldAnswered', { annotationIds: wrong });
    await until(async () => (await annotator.query('standing')).standing === 'suspended');
    await annotator.executeUpdate('reinstate', { args: [{ by: 'a lead', reason: 'a broken screen' }] });
    await annotator.terminate('recorded');
  },
  'annotator.kept': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    await annotator.signal('goldAnswered', { annotationIds: ['right-1:span'] });
    await until(async () => (await annotator.query('standing')).goldTotal === 4);
    await annotator.executeUpdate('reinstate', { args: [{ by: 'a lead', reason: 'learnt' }] });
    await annotator.terminate('recorded');
  },
  'annotator.by-type': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    const ten = (verdict, type) => Array.from({ length: 10 }, (_, at) => `${verdict}-${at}:${type}`);
    await annotator.signal('goldAnswered', { annotationIds: [...ten('wrong', 'span'), ...ten('right', 'likert')] });
    await until(async () => (await annotator.query('standing')).goldTotal === 20);
    await annotator.executeUpdate('reinstate', { args: [{ by: 'a lead', reason: 'learnt', taskType: 'span' }] });
    await annotator.terminate('recorded');
  },
  'annotator.calibrated': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    const ten = Array.from({ length: 10 }, (_, at) => `${at < 6 ? 'right' : 'wrong'}-${at}`);
    await annotator.signal('goldAnswered', { annotationIds: ten });
    await until(async () => (await annotator.query('standing')).standing === 'recalibrating');
    const session = { sessionId: 's', taskType: 'classification', results: [1, 1, 1, 1, 1, 1, 1, 0, 0, 0], needed: 7 };
    await annotator.signal('calibrated', { sessions: [session] });
    await until(async () => (await annotator.query('standing')).standing === 'active');
    await annotator.terminate('recorded');
  },
  'annotator.recalibrated': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    const ten = Array.from({ length: 10 }, (_, at) => `right-${at}:span`);
    await annotator.signal('goldAnswered', { annotationIds: ten });
    await until(async () => (await annotator.query('standing')).goldTotal === 10);
    await annotator.executeUpdate('recalibrate', { args: [{ by: 'a lead', reason: 'new instructions' }] });
    await annotator.signal('goldAnswered', { annotationIds: ten.map((id) => `right-again-${id}`) });
    await until(async () => (await annotator.query('standing')).types.span.goldTotal === 20);
    await annotator.terminate('recorded');
  },
  'annotator.corrected': async ({ start }) => {
    const annotator = await start('annotatorWorkflow', {});
    const ten = Array.from({ length: 10 }, (_, at) => `${at < 6 ? 'right' : 'wrong'}-${at}`);
    await annotator.signal('goldAnswered', { annotationIds: ten });
    await until(async () => (await annotator.query('standing')).standing === 'recalibrating');
    const correction = { appealId: 'appeal', annotationId: 'wrong-8', correct: true };
    await annotator.signal('goldCorrected', { corrections: [correction] });
    await until(async () => (await annotator.query('standing')).standing === 'active');
    await annotator.terminate('recorded');
  },
};

Object.assign(cases, {
  'vendor-order.closed': async ({ start }) => {
    const order = await start('vendorOrderWorkflow', {});
    await until(() => looked > 0);
    cancels = 1;
    await order.signal('orderChanged');
    await order.result();
  },
  'payout-run.closed': async ({ start }) => {
    const run = await start('payoutRunWorkflow', {});
    await until(() => payoutState === 'frozen');
    payoutState = 'approved';
    await run.signal('payoutChanged');
    await until(() => payoutAmbiguous > 0);
    payoutAmbiguous = 0;
    await run.signal('payoutChanged');
    await run.result();
  },
  'payout-run.settled': async ({ start }) => {
    payoutState = 'approved';
    payoutAgeMs = 0;
    unsettled = ['one', 'other'];
    payoutSent = 2;
    const run = await start('payoutRunWorkflow', {});
    await until(() => settlings === 2);
    await run.signal('payoutChanged');
    await run.result();
  },
  'vendor-order.hedged': async ({ start }) => {
    orderState = 'intent';
    looked = 0;
    hedged = false;
    await (await start('vendorOrderWorkflow', {})).result();
  },
  'selection-preview.made': async ({ start }) => {
    await (await start('selectionPreviewWorkflow', { count: 1 })).result();
  },
  // Refused at the first look, and continued as new after a few.
  'vendor-order.outlived': async ({ start }) => {
    orderState = 'intent';
    looked = 0;
    await (await start('vendorOrderWorkflow', { eventsPerRun: 35 })).result();
  },
  'vendor-order.refused': async ({ start }) => {
    orderState = 'intent';
    await (await start('vendorOrderWorkflow', {})).result();
  },
});

async function settleAll(campaign, from) {
  await until(async () => {
    const { phase, inFlight } = await campaign.query('campaignState');
    const mine = inFlight.filter((id) => Number(id.slice(1)) >= from);
    for (const id of mine) await campaign.signal('tasksSettled', { taskIds: [id] });
    return phase === 'ended';
  }).catch((error) => {
    // It ended between the question and the signal.
    if (error.name !== 'WorkflowNotFoundError') throw error;
  });
}

async function until(look) {
  const end = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error('Waited a minute in vain.');
    await sleep(25);
  }
}

/**
 * As plain JSON. Not by the SDK's historyToJSON, which fails where npm has installed protobufjs more than once, as it
 * does here.
 */
function plain(history) {
  const { History } = proto.temporal.api.history.v1;
  return History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
}

/** The histories of a workflow's runs, one after the other. */
async function runsOf(client, workflowId, runId) {
  const runs = [];
  for (let next = runId; next; ) {
    const history = await client.workflow.getHandle(workflowId, next).fetchHistory();
    runs.push(history);
    next = history.events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const found = await findTemporal(loadConfig({ ...process.env, TEMPORAL_ADDRESS: '' }), console.log);
const data = mkdtempSync(join(tmpdir(), 'quorate-record-'));
const server = await startTemporal({
  binary: found.binary,
  dataFile: join(data, 'temporal.sqlite'),
  port: await freePort(),
  log: console.log,
});
// Named, as the default is the name of the machine.
const identity = 'recorder';
const connection = await NativeConnection.connect({ address: server.address });
const clientConnection = await Connection.connect({ address: server.address });
const client = new Client({ connection: clientConnection, identity });
const bundle = { code: readFileSync(join(root, 'dist', 'workflow-bundle.js'), 'utf8') };
const worker = await Worker.create({ connection, identity, taskQueue: 'record', workflowBundle: bundle, activities });
const learner = await Worker.create({ connection, identity, taskQueue: 'quorate-learning', activities: learning });
const seller = await Worker.create({ connection, identity, taskQueue: 'quorate-vendors', activities: atVendors });
const besides = (body) => learner.runUntil(() => seller.runUntil(body));
try {
  mkdirSync(folder, { recursive: true });
  await worker.runUntil(() =>
    besides(async () => {
      for (const [name, record] of Object.entries(cases)) {
        let first;
        const start = async (workflow, input) => {
          const ids = { taskId: name, campaignId: name, annotatorId: name, orderId: name, runId: name };
          first = await client.workflow.start(workflow, {
            taskQueue: 'record',
            workflowId: name,
            args: [{ ...ids, ...input }],
          });
          return client.workflow.getHandle(name);
        };
        await record({ start });
        const runs = await runsOf(client, name, first.firstExecutionRunId);
        for (const [at, history] of runs.entries()) {
          const part = runs.length > 1 ? `-${at + 1}` : '';
          const file = join(folder, `${name}${part}.v${version}.json`);
          if (existsSync(file)) {
            console.log(`kept     ${file}`);
            continue;
          }
          // Stack traces of failures name the checkout's folder, which is nobody's business.
          writeFileSync(file, `${JSON.stringify(plain(history)).replaceAll(`${root}/`, '')}\n`);
          console.log(`recorded ${file} (${history.events.length} events)`);
        }
      }
    }),
  );
} finally {
  await clientConnection.close();
  await connection.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
