import type { paths } from '../api/schema.gen';
import { type Text, t } from '../i18n/office';

type KeyBody = paths['/v1/keys']['post']['requestBody']['content']['application/json'];
export type KeyRole = KeyBody['role'];
export type Scope = NonNullable<KeyBody['scopes']>[number];

interface ScopeWords {
  readonly title: Text;
  readonly roles: readonly KeyRole[];
}

const ALL = ['owner', 'requester', 'reviewer', 'viewer'] as const;

/** What a key can be limited to, in words, and the roles that have it. An annotator's work is not among it. */
export const SCOPES: Readonly<Record<Exclude<Scope, 'self' | 'work'>, ScopeWords>> = {
  'campaigns:read': { title: 'Read campaigns, and export', roles: ALL },
  'campaigns:write': { title: 'Make, change and steer campaigns', roles: ['owner', 'requester'] },
  'annotators:read': { title: 'Read annotators', roles: ALL },
  'annotators:write': { title: 'Add, suspend and recalibrate annotators', roles: ['owner', 'requester'] },
  review: { title: 'Rule on tasks, appeals and gold', roles: ['owner', 'requester', 'reviewer'] },
  'pay:read': { title: 'Read pay', roles: ['owner', 'requester'] },
  'pay:manage': { title: 'Pay annotators out', roles: ['owner'] },
  'budget:manage': { title: 'Set the cap of all campaigns', roles: ['owner'] },
  'people:manage': { title: 'Invite people, and make keys', roles: ['owner'] },
  'organisations:manage': { title: 'Make organisations', roles: ['owner'] },
};

const isTitled = (scope: string): scope is keyof typeof SCOPES => scope in SCOPES;

/** A limit of a key in words. */
export const scopeName = (scope: string): string => (isTitled(scope) ? t(SCOPES[scope].title) : scope);

/** What a key of this role can be limited to. */
export function scopesOf(role: KeyRole): (keyof typeof SCOPES)[] {
  return (Object.keys(SCOPES) as (keyof typeof SCOPES)[]).filter((scope) => SCOPES[scope].roles.includes(role));
}
