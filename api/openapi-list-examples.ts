/** Ids in examples, by a digit each. */
const idOf = (digit: number): string => `0192f5b0-${String(digit).repeat(4)}-7c1a-9b1e-3f2f6c1f8a10`;
const [CAMPAIGN, ANNOTATOR, PAYMENT, TASK, ANSWER, ORDER, MEMBER, RUN] = [1, 2, 3, 4, 5, 6, 7, 8].map(idOf) as [
  ...[string, string, string, string, string, string, string, string],
];
const MOMENT = '2026-05-04T09:30:00.000Z';
const LATER = '2026-05-11T09:30:00.000Z';

/** A list's only page. */
const page = (item: object, more: object = {}) => ({
  answers: { 200: { items: [item], nextCursor: null, ...more } },
});

const HEAD = {
  ...{ id: CAMPAIGN, name: 'Support messages by topic', type: 'classification', strategy: 'combined', tier: 'crowd' },
  ...{ state: 'running', stopReason: null, simulated: false, policyVersion: 1, createdAt: MOMENT, startedAt: MOMENT },
  ...{ pausedAt: null, endedAt: null },
};
const REPORT = {
  ...{ id: ANSWER, campaignId: CAMPAIGN, campaign: 'Support messages', taskId: TASK, key: 'message-1' },
  ...{ annotatorId: ANNOTATOR, annotator: 'Ana', createdAt: MOMENT, doneAt: null },
  reason: 'broken: the picture is missing',
};
const PAUSE = {
  ...{ id: PAYMENT, openedAt: MOMENT, closedAt: null },
  report: {
    ...{ verdict: 'ambiguous', alpha: 0.41, answers: 240, tasks: 80, comments: [] },
    advice: ['Agreement is 0.41, below 0.6: the instructions are the first suspect.'],
    confused: [{ labels: ['billing', 'delivery'], count: 31, share: 0.62, taskIds: [TASK] }],
  },
};
const CIRCUIT = { failures: 8, openUntil: LATER, lastError: 'prolific answered 503.' };
const DEDUCTION = {
  ...{ id: PAYMENT, kind: 'deduction', state: 'proposed', campaignId: CAMPAIGN, annotatorId: ANNOTATOR },
  ...{ annotationId: ANSWER, amountUsd: '0.05', amountMicros: 50_000, reason: 'Answered without reading.' },
  ...{ createdAt: MOMENT, disputableUntil: LATER, statement: null, reviewedAt: null, note: null, vendorBonus: null },
};
const share = (value: number) => ({ share: value, low: value - 0.06, high: value + 0.06, n: 160 });
const NO_LEANING = { judge: 0.52, people: 0.5, excess: 0.02, low: -0.06, high: 0.1, n: 90 };

/** Examples of the answers of lists, by route. */
export const LIST_EXAMPLES = {
  'GET /v1/campaigns': page(HEAD, { nextCursor: CAMPAIGN }),
  'GET /v1/quality/reports': {
    answers: { 200: { items: [{ ...PAUSE, campaignId: CAMPAIGN, campaign: 'Support messages' }] } },
  },
  'GET /v1/campaigns/:id/quality/reports': { answers: { 200: { items: [PAUSE] } } },
  'GET /v1/campaigns/:id/tasks': page({
    ...{ id: TASK, key: 'message-1', kind: 'work', state: 'decided', round: 1, label: 'delivery' },
    ...{ confidence: 0.93, revision: 1, createdAt: MOMENT, waitingSince: null },
  }),
  'GET /v1/campaigns/:id/annotators': {
    answers: {
      200: {
        answers: 75,
        items: [
          {
            ...{
              id: ANNOTATOR,
              name: 'Ana',
              kind: 'person',
              simulated: false,
              standing: 'active',
              standingReason: null,
              standingOf: null,
            },
            ...{ answers: 25, medianSeconds: 6.5, agreement: 0.92, flagged: 0.04, bias: null, consistency: null },
            ...{ gold: { correct: 9, total: 10, low: 0.6, high: 0.98 }, lastAnswerAt: MOMENT },
          },
        ],
      },
    },
  },
  'GET /v1/campaigns/:id/contested': {
    answers: {
      200: {
        items: [{ taskId: TASK, key: 'message-1', state: 'decided', label: 'delivery', confidence: 0.58, revision: 1 }],
      },
    },
  },
  'GET /v1/campaigns/:id/gold-candidates': page({ id: TASK, key: 'message-1', label: 'delivery', answers: 3 }),
  'GET /v1/campaigns/:id/reports': page(REPORT),
  'GET /v1/reports': page(REPORT),
  'GET /v1/campaigns/:id/instructions': page({
    ...{ version: 2, instructions: 'A question about an invoice is billing.', createdAt: MOMENT },
  }),
  'GET /v1/adjudications': page({
    ...{ id: TASK, campaignId: CAMPAIGN, campaign: 'Support messages', key: 'message-1' },
    ...{ type: 'classification', createdAt: MOMENT, waitingSince: MOMENT, rulingBy: MOMENT },
    instructions: 'Choose what the customer wants something done about.',
    config: { labels: ['billing', 'delivery', 'other'], multiple: false },
    payload: { text: 'The parcel has not come, and I was charged twice.' },
    answers: [
      {
        ...{ annotationId: ANSWER, annotatorId: ANNOTATOR, annotator: 'Ana', tier: 'trained', label: 'billing' },
        ...{ confidence: 0.7, comment: null, timeSpentS: 6.5, score: 0.9, flags: [], qualityScore: 0.88 },
        ...{ weight: 0.9, share: 0.52, confidenceWithout: 0.41 },
      },
    ],
    vote: {
      ...{ label: 'billing', confidence: 0.52, method: 'crowd_model' },
      distribution: { billing: 0.52, delivery: 0.48 },
    },
  }),
  'GET /v1/appeals': page({
    ...{ id: PAYMENT, state: 'open', campaignId: CAMPAIGN, campaign: 'Support messages', taskId: TASK },
    ...{ key: 'message-1', kind: 'gold' },
    ...{ annotationId: ANSWER, annotatorId: ANNOTATOR, annotator: 'Ana', label: 'billing', gold: 'delivery' },
    ...{ reason: 'The text names both, and the instructions say the first.', createdAt: MOMENT, resolvedBy: null },
    ...{ note: null, resolvedAt: null, goldBefore: null, changedVerdicts: null },
  }),
  'GET /v1/annotators': page({
    ...{ id: ANNOTATOR, name: 'Ana', kind: 'person', workforce: 'internal', tier: 'trained' },
    ...{ specializations: ['medicine'], languages: [], standing: 'active', standingReason: null },
    ...{ qualityScore: 0.88, goldTotal: 20, goldCorrect: 18, simulated: false, createdAt: MOMENT },
  }),
  'GET /v1/members': page({
    ...{ id: MEMBER, name: 'Olga', email: 'olga@example.org', role: 'owner', annotatorId: null, createdAt: MOMENT },
  }),
  'GET /v1/invitations': page({
    ...{
      id: MEMBER,
      email: 'ana@example.org',
      role: 'annotator',
      tier: 'trained',
      workforce: 'internal',
      state: 'open',
    },
    ...{ specializations: [], languages: ['en', 'ar'], createdAt: MOMENT, expiresAt: LATER },
  }),
  'GET /v1/keys': page({
    ...{ id: MEMBER, name: 'nightly export', role: 'viewer', scopes: ['campaigns:read'], madeBy: 'Olga' },
    ...{ createdAt: MOMENT, revokedAt: null },
  }),
  'GET /v1/organisations': page({ id: MEMBER, name: 'Acme', createdAt: MOMENT }),
  'GET /v1/vendors': page({
    ...{ vendor: 'prolific', orders: 4, openOrders: 1, tasks: 120, answers: 340, spentUsd: '61.20' },
    ...{ spentMicros: 61_200_000, meanSecondsToAnswer: 5400, goldTotal: 30, goldCorrect: 27 },
    ...{ agreesWithDecision: 0.91, circuit: CIRCUIT },
  }),
  'GET /v1/campaigns/:id/vendor-orders': page(
    {
      ...{ id: ORDER, vendor: 'prolific', state: 'placed', priceUsd: '0.18', priceMicros: 180_000, tasks: 30 },
      ...{ answersWanted: 90, answersIn: 62, attempts: 1, estimateUsd: '16.20', estimateMicros: 16_200_000 },
      ...{ estimateBasis: 'its own quotation', lastError: null, deadlineAt: LATER, createdAt: MOMENT, closedAt: null },
    },
    { circuits: [{ vendor: 'prolific', ...CIRCUIT }] },
  ),
  'GET /v1/campaigns/:id/vendor-incidents': page({
    ...{ id: PAYMENT, orderId: ORDER, vendor: 'prolific', kind: 'recalled', createdAt: MOMENT },
    ...{ detail: 'An answer that counted is rejected there now.', evidence: { responseKey: '5f1c' } },
    ...{ rulings: ['seen', 'leave_out'], resolvedAt: null, resolvedBy: null, ruling: null, note: null },
    rejectsAt: null,
  }),
  'GET /v1/judges': page({
    ...{ judge: 'judge:small-1:3', answers: 160, costUsd: '0.80', costMicros: 800_000 },
    ...{ agreesWithPeople: share(0.81), peopleAgree: share(0.84), ordersDisagree: share(0.1) },
    biases: {
      ...{ length: NO_LEANING, ownStyle: null, ownWording: null },
      ...{ markdown: NO_LEANING, hedging: NO_LEANING, ties: NO_LEANING },
    },
    findings: [],
    unknown: ['Whether it prefers answers of its own family of models is not known: …'],
  }),
  'GET /v1/asked-regions': page({
    ...{
      annotatorId: ANNOTATOR,
      annotator: 'Ana',
      region: 'KE',
      asked: 'DE',
      floorUsd: '4.00',
      floorMicros: 4_000_000,
    },
    ...{ askedFloorUsd: '14.00', askedFloorMicros: 14_000_000 },
  }),
  'GET /v1/adjustments': page({ ...DEDUCTION, annotator: 'Ana', campaign: 'Support messages', taskId: TASK }),
  'GET /v1/me/adjustments': page(DEDUCTION),
  'GET /v1/payouts': page({
    ...{ id: RUN, period: '2026-04', state: 'exported', startedBy: MEMBER, startedByName: 'Olga', createdAt: MOMENT },
    ...{ frozenAt: MOMENT, approvedBy: MEMBER, approvedByName: 'Olga', exportedAt: MOMENT, closedAt: null, note: null },
    ...{ items: 12, ambiguous: 0, withoutAccount: 1, withoutAccountUsd: '3.10', withoutAccountMicros: 3_100_000 },
    ...{ totalUsd: '412.50', totalMicros: 412_500_000, waitingUsd: '412.50', waitingMicros: 412_500_000 },
    ...{
      paidUsd: '0.00',
      paidMicros: 0,
      failedUsd: '0.00',
      failedMicros: 0,
      differenceUsd: '0.00',
      differenceMicros: 0,
    },
  }),
  'GET /v1/payouts/:id/payments': page({
    ...{ id: PAYMENT, recipient: ANNOTATOR, name: 'Ana', channel: 'bank', paidBy: 'transfer', state: 'sent' },
    ...{ reference: 'Q-2026-04-0001', amountUsd: '34.20', amountMicros: 34_200_000, note: null, settlement: null },
  }),
  'GET /v1/payouts/:id/acts': page({
    ...{ id: PAYMENT, act: 'approved', paymentId: null, personId: MEMBER, name: 'Olga', keyName: null, note: null },
    at: MOMENT,
  }),
  'GET /v1/me/payout-account/changes': page({
    ...{ id: PAYMENT, holder: 'Ana Meyer', account: 'DE89370400440532013000', bic: null, region: 'DE', at: MOMENT },
  }),
} as const;
