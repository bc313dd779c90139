interface Example {
  /** What is sent. */
  readonly body?: unknown;
  /** What comes back, by status. */
  readonly answers?: Readonly<Record<number, unknown>>;
}

const ASSIGNMENT = '0192f5b0-7d3e-7c1a-9b1e-3f2f6c1f8a10';
const CAMPAIGN = '0192f5b0-1111-7c1a-9b1e-3f2f6c1f8a10';
const MOMENT = '2026-05-04T09:30:00.000Z';

/** Examples in the API's description, by route. Tests hold them against the schemas, and send what is sent. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
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
  },
  'POST /v1/campaigns/:id/items': {
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
  'POST /v1/campaigns/:id/stop': { body: { drain: true } },
  'POST /v1/campaigns/:id/selection/preview': { body: { strategy: 'combined', count: 10 } },
  'POST /v1/annotators': { body: { name: 'Ana', tier: 'trained', specializations: ['medicine'] } },
  'POST /v1/annotators/:id/suspend': { body: { reason: 'Half of the gold answers were wrong.' } },
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
          simulated: false,
        },
      },
    },
  },
  'POST /v1/assignments/:id/annotation': { body: { label: 'delivery', timeSpentS: 6.5, confidence: 0.9 } },
  'POST /v1/assignments/:id/skip': { body: { reason: 'cannot_tell' } },
  'POST /v1/assignments/:id/report': { body: { reason: 'broken: the picture is missing' } },
  'POST /v1/annotations/:id/contest': { body: { reason: 'The text names both, and the instructions say the first.' } },
  'POST /v1/tasks/:id/adjudicate': { body: { label: 'billing', note: 'They ask for the money.' } },
  'POST /v1/plan': {
    body: { tasks: 1000, type: 'classification', tier: 'crowd', accuracy: 0.8, annotators: 20, budgetUsd: '200' },
  },
  'POST /v1/invitations': { body: { email: 'ana@example.org', role: 'annotator', tier: 'trained' } },
  'POST /v1/keys': { body: { name: 'nightly export', role: 'viewer', scopes: ['campaigns:read'] } },
  'POST /v1/auth/sign-in/email': { body: { email: 'ana@example.org', password: 'a long enough password' } },
  'GET /v1/campaigns/:id/agreement': {
    answers: {
      200: { metric: 'krippendorff_alpha', alpha: 0.71, interval: { low: 0.66, high: 0.76 }, answers: 1000 },
    },
  },
  'GET /readyz': {
    answers: { 200: { ready: true, database: 'ok', temporal: 'ok', outbox: { waiting: 0, oldestS: 0 } } },
  },
};
