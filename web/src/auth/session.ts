import { queryOptions } from '@tanstack/react-query';
import { call, forgetKey, Problem } from '../api/client';

export type Role = 'owner' | 'requester' | 'reviewer' | 'annotator' | 'viewer';

/** Who is signed in, by a session cookie or by an API key. */
export interface Session {
  readonly role: Role;
  readonly name: string | null;
  readonly email: string | null;
  readonly organisation: string | null;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: 5 * 60 * 1000,
  retry: (count, error) => !(error instanceof Problem && error.status > 0) && count < 2,
});

async function readSession(): Promise<Session | null> {
  try {
    const me = (await call('GET', '/v1/me')) as Record<string, unknown>;
    const user = (me.user ?? {}) as { name?: unknown; email?: unknown };
    const organisation = (me.organisation ?? {}) as { name?: unknown };
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      role: me.role as Role,
      name: text(user.name),
      email: text(user.email),
      organisation: text(organisation.name),
    };
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Whether a role runs campaigns, and not only answers or looks. */
export const mayManage = (role: Role): boolean => role === 'owner' || role === 'requester';
export const mayRule = (role: Role): boolean => mayManage(role) || role === 'reviewer';

export async function signOut(): Promise<void> {
  forgetKey();
  await call('POST', '/v1/auth/sign-out', {}).catch(() => undefined);
}
