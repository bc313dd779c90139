import type { Role } from '../db/schema/states.ts';

/** What one may do, and which roles may. An API key can be limited to some of these: its scopes. */
export const PERMISSIONS = {
  /** Whoever is somebody here. */
  self: ['owner', 'requester', 'reviewer', 'viewer', 'annotator'],
  /** Answering tasks. */
  work: ['annotator'],
  /** Campaigns and what became of them, exports included. */
  'campaigns:read': ['owner', 'requester', 'reviewer', 'viewer'],
  'campaigns:write': ['owner', 'requester'],
  'annotators:read': ['owner', 'requester', 'reviewer', 'viewer'],
  'annotators:write': ['owner', 'requester'],
  /** Rulings: adjudication, appeals, gold from decided tasks. */
  review: ['owner', 'requester', 'reviewer'],
  /** What all campaigns together may cost. */
  'budget:manage': ['owner'],
  /** What goes out to annotators, and the least they get. */
  'pay:manage': ['owner'],
  'pay:read': ['owner', 'requester'],
  /** People, invitations and keys. */
  'people:manage': ['owner'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** The one table of who may call what. A route under /v1 that is not in it is not served. */
export const ROUTES: Readonly<Record<string, Permission | 'anybody'>> = {
  'GET /v1/setup': 'anybody',
  'POST /v1/setup': 'anybody',
  'POST /v1/auth/sign-in/email': 'anybody',
  'POST /v1/auth/sign-out': 'anybody',
  'POST /v1/auth/sign-in/social': 'anybody',
  'GET /v1/auth/callback/:provider': 'anybody',
  'GET /v1/auth/get-session': 'anybody',
  'POST /v1/auth/change-password': 'anybody',
  'POST /v1/auth/request-password-reset': 'anybody',
  'POST /v1/auth/reset-password': 'anybody',
  'GET /v1/invitations/:token': 'anybody',
  'POST /v1/invitations/:token/accept': 'anybody',

  'GET /v1/me': 'self',

  'GET /v1/me/assignments': 'work',
  'GET /v1/me/earnings': 'work',
  'GET /v1/me/adjustments': 'work',
  'GET /v1/me/payout-account': 'work',
  'PUT /v1/me/payout-account': 'work',
  'POST /v1/adjustments/:id/dispute': 'work',
  'POST /v1/assignments/next': 'work',
  'POST /v1/assignments/:id/annotation': 'work',
  'POST /v1/assignments/:id/release': 'work',
  'POST /v1/assignments/:id/skip': 'work',
  'POST /v1/assignments/:id/extend': 'work',
  'POST /v1/assignments/:id/report': 'work',
  'PUT /v1/assignments/:id/draft': 'work',
  'GET /v1/assignments/:id/draft': 'work',
  'DELETE /v1/assignments/:id/draft': 'work',
  'POST /v1/annotations/:id/contest': 'work',
  'GET /v1/me/statistics': 'work',
  'GET /v1/me/calibrations': 'work',
  'POST /v1/me/calibrations': 'work',
  'GET /v1/me/calibrations/:id': 'work',
  'POST /v1/me/calibrations/:id/answers': 'work',

  'GET /v1/campaigns': 'campaigns:read',
  'GET /v1/campaigns/:id': 'campaigns:read',
  'GET /v1/campaigns/:id/agreement': 'campaigns:read',
  'GET /v1/campaigns/:id/agreement/history': 'campaigns:read',
  'GET /v1/campaigns/:id/annotators': 'campaigns:read',
  'GET /v1/campaigns/:id/contested': 'campaigns:read',
  'GET /v1/campaigns/:id/budget': 'campaigns:read',
  'GET /v1/campaigns/:id/pay': 'campaigns:read',
  'GET /v1/campaigns/:id/events': 'campaigns:read',
  'GET /v1/campaigns/:id/export': 'campaigns:read',
  'GET /v1/campaigns/:id/instructions': 'campaigns:read',
  'GET /v1/campaigns/:id/judges': 'campaigns:read',
  'GET /v1/campaigns/:id/quality': 'campaigns:read',
  'GET /v1/campaigns/:id/quality/reports': 'campaigns:read',
  'GET /v1/campaigns/:id/tasks': 'campaigns:read',
  'GET /v1/campaigns/:id/vendor-incidents': 'campaigns:read',
  'GET /v1/cost': 'campaigns:read',
  'POST /v1/plan': 'campaigns:read',
  'GET /v1/tasks/:id': 'campaigns:read',
  'GET /v1/judges': 'campaigns:read',
  'GET /v1/vendors': 'campaigns:read',
  // Believed by its signature or not at all.
  'POST /v1/vendors/:vendor/webhook': 'anybody',

  'POST /v1/campaigns': 'campaigns:write',
  'PATCH /v1/campaigns/:id': 'campaigns:write',
  'PUT /v1/campaigns/:id/limits': 'campaigns:write',
  'POST /v1/campaigns/:id/items': 'campaigns:write',
  'POST /v1/campaigns/:id/start': 'campaigns:write',
  'POST /v1/campaigns/:id/pause': 'campaigns:write',
  'POST /v1/campaigns/:id/resume': 'campaigns:write',
  'POST /v1/campaigns/:id/stop': 'campaigns:write',
  'POST /v1/campaigns/:id/re-ask/preview': 'campaigns:write',
  'POST /v1/campaigns/:id/re-ask': 'campaigns:write',
  'POST /v1/tasks/:id/cancel': 'campaigns:write',
  'POST /v1/tasks/:id/reprioritize': 'campaigns:write',
  'POST /v1/tasks/:id/redundancy': 'campaigns:write',

  'GET /v1/annotators': 'annotators:read',
  'GET /v1/annotators/:id': 'annotators:read',
  'GET /v1/annotators/:id/earnings': 'annotators:read',
  'GET /v1/annotators/:id/calibrations': 'annotators:read',
  'GET /v1/annotators/:id/consistency': 'annotators:read',
  'POST /v1/annotators': 'annotators:write',
  'POST /v1/annotators/:id/suspend': 'annotators:write',
  'POST /v1/annotators/:id/reinstate': 'annotators:write',
  'GET /v1/annotators/:id/quarantine': 'annotators:write',
  'POST /v1/annotators/:id/quarantine': 'annotators:write',

  'GET /v1/adjudications': 'review',
  'POST /v1/tasks/:id/adjudicate': 'review',
  'POST /v1/tasks/:id/promote': 'review',
  'GET /v1/campaigns/:id/gold-candidates': 'review',
  'GET /v1/appeals': 'review',
  'POST /v1/appeals/:id/resolve': 'review',

  'GET /v1/campaigns/:id/reports': 'review',

  'GET /v1/members': 'people:manage',
  'GET /v1/keys': 'people:manage',
  'POST /v1/keys': 'people:manage',
  'POST /v1/keys/:id/revoke': 'people:manage',
  'GET /v1/budget': 'campaigns:read',
  'PUT /v1/budget': 'budget:manage',

  'GET /v1/payouts': 'pay:read',
  'GET /v1/payouts/:id': 'pay:read',
  'POST /v1/payouts': 'pay:manage',
  'POST /v1/payouts/:id/approve': 'pay:manage',
  'POST /v1/payouts/:id/cancel': 'pay:manage',
  'GET /v1/payouts/:id/file': 'pay:manage',
  'POST /v1/payouts/:id/report': 'pay:manage',
  'POST /v1/payouts/:id/resolve': 'pay:manage',
  'GET /v1/pay-floors': 'pay:read',
  'PUT /v1/pay-floors': 'pay:manage',
  'POST /v1/campaigns/:id/bonuses': 'campaigns:write',
  'POST /v1/annotations/:id/deduction': 'campaigns:write',
  'GET /v1/adjustments': 'pay:read',
  'POST /v1/adjustments/:id/review': 'campaigns:write',

  'GET /v1/invitations': 'people:manage',
  'POST /v1/invitations': 'people:manage',
  'POST /v1/invitations/:id/revoke': 'people:manage',
};
