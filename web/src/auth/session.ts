import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { call, forgetKey, Problem, storedKey } from '../api/client';

export type Role = 'owner' | 'requester' | 'reviewer' | 'annotator' | 'viewer';

/** Who is signed in, by a session cookie or by an API key. */
export interface Session {
  readonly role: Role;
  readonly name: string | null;
  readonly email: string | null;
  readonly organisation: string | null;
  /** Whether it is the first of this server, whose owners make others. */
  readonly isFirst: boolean;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: 5 * 60 * 1000,
  retry: (count, error) => !(error instanceof Problem && error.status > 0) && count < 2,
});

async function readSession(): Promise<Session | null> {
  const key = storedKey();
  try {
    const me = (await call('GET', '/v1/me')) as Record<string, unknown>;
    // Asking for it keeps a session alive that is in use. Whoever is signed in by a key has none.
    if (key === undefined) await call('GET', '/v1/auth/get-session').catch(() => undefined);
    const user = (me.user ?? {}) as { name?: unknown; email?: unknown };
    const organisation = (me.organisation ?? {}) as { name?: unknown; first?: unknown };
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      role: me.role as Role,
      name: text(user.name),
      email: text(user.email),
      organisation: text(organisation.name),
      isFirst: organisation.first === true,
    };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    if (key === undefined || key !== storedKey()) return null;
    // A key that is not good any more would stand before every session.
    forgetKey();
    return readSession();
  }
}

/** Whether a role runs campaigns, and not only answers or looks. */
export const mayManage = (role: Role): boolean => role === 'owner' || role === 'requester';
export const mayRule = (role: Role): boolean => mayManage(role) || role === 'reviewer';

/**
 * Has the other tabs read the session anew when it is another one here, and this one when it is there: then with all else
 * that it shows, of which nothing may be left of whoever was here before.
 */
export function shareSession(queries: QueryClient, onChange: () => Promise<void>): void {
  if (typeof BroadcastChannel === 'undefined') return;
  const tabs = new BroadcastChannel('quorate.session');
  let known: string | undefined;
  queries.getQueryCache().subscribe(({ query: { queryKey, state } }) => {
    if (queryKey[0] !== 'session' || state.data === undefined) return;
    const now = JSON.stringify([state.data, storedKey()]);
    if (known !== undefined && known !== now) tabs.postMessage(null);
    known = now;
  });
  tabs.onmessage = async () => {
    const before = known;
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    await onChange();
    if (known !== before) await queries.resetQueries({ predicate: ({ queryKey: [what] }) => what !== 'session' });
  };
}

const unfinished = new Set<() => Promise<void>>();

/** Has `act` done before anybody signs out; where it throws, they stay signed in. Gives what takes it back. */
export function beforeSignOut(act: () => Promise<void>): () => void {
  unfinished.add(act);
  return () => unfinished.delete(act);
}

/** Ends the session and forgets the API key. Throws, with nothing changed, where the server may not have ended it. */
export async function signOut(): Promise<void> {
  for (const act of unfinished) await act();
  try {
    await call('POST', '/v1/auth/sign-out', {});
  } catch (error) {
    const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
    // Then there is no session to end.
    if (!refused) throw error;
  }
  forgetKey();
}
