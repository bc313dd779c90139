import { LIST_EXAMPLES } from './openapi-list-examples.ts';

interface Example {
  /** What is sent. */
  readonly body?: unknown;
  /** What comes back, by status. */
  readonly answers?: Readonly<Record<number, unknown>>;
}

const ASSIGNMENT = '0192f5b0-7d3e-7c1a-9b1e-3f2f6c1f8a10';
const CAMPAIGN = '0192f5b0-1111-7c1a-9b1e-3f2f6c1f8a10';
const ANNOTATOR = '0192f5b0-2222-7c1a-9b1e-3f2f6c1f8a10';
const ACCOUNT = { holder: 'Ana Müller', account: 'DE89 3704 0044 0532 0130 00', bic: 'COBADEFFXXX', region: 'DE' };
const PAYMENT = '0192f5b0-3333-7c1a-9b1e-3f2f6c1f8a10';
const MOMENT = '2026-05-04T09:30:00.000Z';
const TOKEN = '8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo';
const PASSWORD = 'correct horse battery staple';
const NOTHING = { body: {} };
const STORED = { annotationId: '0192f5b0-5555-7c1a-9b1e-3f2f6c1f8a10', assignmentId: ASSIGNMENT, submittedAt: MOMENT };
const NO_TASKS = { open: 0, adjudicating: 0, decided: 25, adjudicated: 0, unresolved: 0, cancelled: 0 };
const RUNNING = {
  ...{ id: CAMPAIGN, name: 'Support messages by topic', type: 'classification', strategy: 'combined', tier: 'crowd' },
  ...{ state: 'running', stopReason: null, simulated: false, policyVersion: 1, createdAt: MOMENT, startedAt: MOMENT },
  ...{ pausedAt: null, endedAt: null, round: 1 },
  counts: {
    ...{ pool: 975, gold: 50, tasksOpen: 0, tasksAdjudicating: 0, tasksDecided: 25, tasksAdjudicated: 0 },
    ...{ tasksUnresolved: 0, tasksCancelled: 0, annotations: 75, goldAnnotations: 9, expiredLeases: 1 },
    ...{ windowsElapsed: 0, escalations: 0 },
  },
  budget: {
    ...{ capUsd: '100.00', capMicros: 100_000_000, reservedUsd: '0.00', reservedMicros: 0 },
    ...{ spentUsd: '4.20', spentMicros: 4_200_000, freeUsd: '95.80', freeMicros: 95_800_000 },
  },
  rounds: [
    {
      ...{ round: 1, state: 'fitted', strategy: 'combined', tasks: 25, progress: NO_TASKS, reservedUsd: '3.75' },
      ...{ reservedMicros: 3_750_000, spentUsd: '3.75', spentMicros: 3_750_000, trainedOn: 23, labels: 25 },
      heldOut: {
        on: 'gold',
        accuracy: 0.84,
        low: 0.71,
        high: 0.92,
        count: 50,
        leftOut: { unresolved: 0, ties: 0, severalOrNone: 0 },
      },
      ...{ selectedAt: MOMENT, fittedAt: MOMENT },
    },
  ],
  ...{ forecast: null, autoLabeling: null, eligibleAnnotators: 12 },
  agreement: { metric: 'krippendorff_alpha', alpha: 0.71, undefinedBecause: null, byScale: {}, answers: 75 },
  settings: { type: 'classification', redundancy: 3, priceUsd: '0.05', priceMicros: 50_000 },
};

/** Examples in the API's description, by route. Tests hold them against the schemas, and send what is sent. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  ...LIST_EXAMPLES,
  'POST /v1/campaigns': {
    body: {
      name: 'Support messages by topic',
      type: 'classification',
      config: { labels: ['billing', 'delivery', 'other'] },
      instructions: 'Choose what the customer wants something done about.',
      redundancy: 3,
      budgetUsd: '100',
      goldRatio: 0.05,
      agreementWatch: { pauseBelow: 0.6 },
    },
    answers: { 201: { ...RUNNING, state: 'draft', startedAt: null } },
  },
  'GET /v1/campaigns/:id': { answers: { 200: RUNNING } },
  'POST /v1/campaigns/:id/items': {
    body: [
      { key: 'message-1', text: 'The parcel has not come.' },
      { key: 'message-2', text: 'I was charged twice.', gold: 'billing' },
    ],
    answers: {
      200: {
        accepted: 998,
        duplicates: 1,
        rejected: [{ line: 7, reason: 'payload.text: missing; it must be a text' }],
        rejectedCount: 1,
      },
    },
  },
  'PATCH /v1/campaigns/:id': { body: { budgetUsd: '150', redundancy: 5 } },
  'PUT /v1/campaigns/:id/limits': { body: { dailyUsd: '20', workforces: { internal: '80' } } },
  'POST /v1/campaigns/:id/bonuses': {
    body: { annotatorId: ANNOTATOR, amountUsd: '2.50', reason: 'Found what was wrong with the instructions.' },
  },
  'POST /v1/campaigns/:id/re-ask/preview': { body: { labels: ['other'], maxConfidence: 0.9 } },
  'POST /v1/campaigns/:id/re-ask': {
    body: { labels: ['other'], reason: 'The instructions did not say what "other" is for.', limit: 100 },
  },
  'POST /v1/campaigns/:id/judges/:annotatorId/re-ask': {
    body: { reason: 'The model behind the judge was replaced.', limit: 100 },
  },
  'POST /v1/campaigns/:id/judges/:annotatorId/measure-anew': {
    body: { reason: 'Its audits were answered by people who have been quarantined since.' },
  },
  'POST /v1/campaigns/:id/vendor-incidents/:incidentId/resolve': {
    body: { ruling: 'seen', note: 'Two of its workers were ill.' },
  },
  'POST /v1/campaigns/:id/predictions': {
    body: [
      { key: 'message-1', label: 'delivery', confidence: 0.9 },
      { key: 'message-2', probabilities: { billing: 0.7, delivery: 0.2, other: 0.1 } },
    ],
  },
  'POST /v1/campaigns/:id/stop': { body: { drain: true } },
  'POST /v1/campaigns/:id/selection/preview': { body: { strategy: 'combined', count: 10 } },
  'POST /v1/annotators': {
    body: { name: 'Ana', tier: 'trained', specializations: ['medicine'] },
    answers: {
      201: {
        ...{ id: ANNOTATOR, name: 'Ana', kind: 'person', workforce: 'internal', tier: 'trained' },
        ...{ specializations: ['medicine'], languages: [], standing: 'active', standingReason: null },
        ...{ qualityScore: 0.5, goldTotal: 0, goldCorrect: 0, simulated: false, createdAt: MOMENT },
        apiKey: 'qk_of_ana_shown_this_once',
      },
    },
  },
  'PATCH /v1/annotators/:id': { body: { tier: 'expert', workforce: 'night shift', languages: ['en', 'ar'] } },
  'POST /v1/annotators/:id/suspend': { body: { reason: 'Half of the gold answers were wrong.' } },
  'POST /v1/annotators/:id/reinstate': { body: { reason: 'The gold answers were wrong, not theirs.' } },
  'POST /v1/annotators/:id/recalibrate': { body: { reason: 'Scores lower than everybody else.' } },
  'POST /v1/annotators/:id/quarantine': { body: { reason: 'Answered without reading.', reopen: true } },
  'POST /v1/annotators/:id/key': NOTHING,
  'POST /v1/annotators/:id/key/revoke': NOTHING,
  'POST /v1/assignments/next': {
    body: { waitS: 20 },
    answers: {
      200: {
        assignmentId: ASSIGNMENT,
        campaignId: CAMPAIGN,
        expiresAt: MOMENT,
        task: {
          type: 'classification',
          config: { labels: ['billing', 'delivery', 'other'], multiple: false },
          instructions: 'Choose what the customer wants something done about.',
          payload: { text: 'The parcel has not come.' },
          priceUsd: '0.05',
          priceMicros: 50_000,
          hourlyUsd: null,
          hourlyMicros: null,
          lateAnswers: 'pay',
          simulated: false,
        },
      },
    },
  },
  'POST /v1/assignments/:id/annotation': {
    body: { label: 'delivery', timeSpentS: 6.5, confidence: 0.9 },
    answers: { 200: STORED, 201: STORED },
  },
  'POST /v1/assignments/:id/skip': { body: { reason: 'cannot_tell' } },
  'POST /v1/assignments/:id/report': { body: { reason: 'broken: the picture is missing' } },
  'POST /v1/assignments/:id/release': { body: { reason: 'My shift is over.' } },
  'POST /v1/assignments/:id/extend': NOTHING,
  'PUT /v1/assignments/:id/draft': { body: { content: { label: 'delivery' } } },
  'POST /v1/annotations/:id/contest': { body: { reason: 'The text names both, and the instructions say the first.' } },
  'POST /v1/tasks/:id/adjudicate': { body: { label: 'billing', note: 'They ask for the money.' } },
  'POST /v1/tasks/:id/cancel': { body: { reason: 'The message was deleted.' } },
  'POST /v1/tasks/:id/reprioritize': { body: { priority: 3 } },
  'POST /v1/tasks/:id/redundancy': { body: { count: 2 } },
  'POST /v1/tasks/:id/promote': { body: { note: 'Three trusted annotators agreed.' } },
  'POST /v1/annotations/:id/deduction': { body: { amountUsd: '0.05', reason: 'Answered without reading.' } },
  'POST /v1/adjustments/:id/dispute': { body: { statement: 'The text was short; I did read it.' } },
  'POST /v1/adjustments/:id/review': { body: { verdict: 'dismissed', note: 'The answer is right.' } },
  'POST /v1/appeals/:id/resolve': { body: { verdict: 'rejected', note: 'The instructions say the last.' } },
  'POST /v1/me/calibrations': { body: { campaignId: CAMPAIGN } },
  'POST /v1/me/calibrations/:id/answers': { body: { number: 1, label: 'delivery', timeSpentS: 8 } },
  'PUT /v1/me/payout-account': { body: ACCOUNT },
  'PUT /v1/annotators/:id/payout-account': { body: ACCOUNT },
  'PUT /v1/budget': { body: { capUsd: '5000' } },
  'POST /v1/annotators/:id/region': { body: { region: 'DE', verdict: 'confirmed' } },
  'PUT /v1/cost/settings': { body: { hourlyUsd: { crowd: '14' }, seconds: { span: 70 }, fee: { scale_ai: 0.35 } } },
  'PUT /v1/pay-floors': { body: { floors: [{ region: 'DE', hourlyUsd: '14' }] } },
  'POST /v1/payouts': { body: { period: '2026-05', leastUsd: '5' } },
  'POST /v1/payouts/:id/cancel': { body: { reason: 'Begun for the wrong month.' } },
  'POST /v1/payouts/:id/report': {
    body: { lines: [{ reference: '0192f5b044447c1a9b1e3f2f6c1f8a10', amountUsd: '12.40', status: 'paid' }] },
  },
  'POST /v1/payouts/:id/resolve': {
    body: { paymentId: PAYMENT, outcome: 'paid', note: 'The bank confirmed it by telephone.' },
  },
  'POST /v1/plan': {
    body: { tasks: 1000, type: 'classification', tier: 'crowd', accuracy: 0.8, annotators: 20, budgetUsd: '200' },
  },
  'POST /v1/plan/start': {
    body: {
      campaign: { name: 'Reviews', type: 'classification', config: { labels: ['good', 'bad'] }, budgetUsd: '50' },
      items: 1000,
      golds: 20,
    },
  },
  'POST /v1/invitations': {
    body: { email: 'ana@example.org', role: 'annotator', tier: 'trained', languages: ['en', 'ar'] },
  },
  'POST /v1/invitations/:token/accept': { body: { name: 'Ana', password: PASSWORD } },
  'POST /v1/organisations': { body: { name: 'Radiology', email: 'rita@example.org' } },
  'PATCH /v1/members/:id': { body: { role: 'reviewer' } },
  'POST /v1/keys/:id/revoke': NOTHING,
  'POST /v1/setup': {
    body: { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme', token: TOKEN },
  },
  'POST /v1/keys': {
    body: { name: 'nightly export', role: 'viewer', scopes: ['campaigns:read'] },
    answers: {
      201: {
        ...{ id: PAYMENT, name: 'nightly export', role: 'viewer', scopes: ['campaigns:read'], madeBy: null },
        ...{ createdAt: MOMENT, revokedAt: null, apiKey: 'qk_of_the_export_shown_this_once' },
      },
    },
  },
  'POST /v1/auth/sign-in/email': { body: { email: 'ana@example.org', password: PASSWORD } },
  'POST /v1/auth/sign-out': NOTHING,
  'POST /v1/auth/sign-in/social': { body: { provider: 'oidc', callbackURL: '/' } },
  'POST /v1/auth/change-password': {
    body: { currentPassword: PASSWORD, newPassword: 'longer horse battery staple', revokeOtherSessions: true },
  },
  'POST /v1/auth/request-password-reset': { body: { email: 'ana@example.org' } },
  'POST /v1/auth/reset-password': { body: { token: TOKEN, newPassword: PASSWORD } },
  'GET /v1/campaigns/:id/agreement': {
    answers: {
      200: {
        metric: 'krippendorff_alpha',
        ...{ alpha: 0.71, undefinedBecause: null, interval: { low: 0.66, high: 0.76 }, answers: 1000 },
      },
    },
  },
  'GET /readyz': {
    answers: { 200: { ready: true, database: 'ok', temporal: 'ok', outbox: { waiting: 0, oldestS: 0 } } },
  },
};
