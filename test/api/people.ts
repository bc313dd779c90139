import { setupTokenOf } from '../../api/sign-in/setup-link.ts';
import { type Answer, type Rig, SECRET } from './rig.ts';

export const PASSWORD = 'correct horse battery';

/** A browser of somebody who signed in: sends its cookies, and says that its pages are the server's own. */
export interface Browser {
  readonly email: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** Cookies of an answer, as a browser would send them back. */
export function cookiesOf(answer: Answer): string {
  const set = answer.headers['set-cookie'];
  const list = (Array.isArray(set) ? set : [set]).filter((each): each is string => typeof each === 'string');
  return list.map((each) => each.split(';')[0] ?? '').join('; ');
}

function browser(rig: Rig, email: string, cookie: string): Browser {
  const own = { cookie, 'sec-fetch-site': 'same-origin' };
  return {
    email,
    call: (method, path, body, headers) => rig.call(undefined, method, path, body, { ...own, ...headers }),
  };
}

/** Makes the owner of a new server by the link that it prints. */
export function makeOwner(
  rig: Rig,
  owner: { name: string; email: string; password: string; organisation: string },
): Promise<Answer> {
  return rig.call(undefined, 'POST', '/v1/setup', { ...owner, token: setupTokenOf(SECRET) });
}

/** Invites somebody and has them join. */
export async function join(
  rig: Rig,
  inviter: Browser,
  fields: {
    email: string;
    role: string;
    tier?: string;
    workforce?: string;
    languages?: string[];
    specializations?: string[];
  },
): Promise<Browser> {
  const invited = await inviter.call('POST', '/v1/invitations', fields);
  if (invited.status !== 201) throw new Error(`The invitation was refused: ${invited.text}`);
  const token = String(invited.body.link).split('/').at(-1);
  const given = { name: fields.email.split('@')[0], password: PASSWORD };
  const joined = await rig.call(undefined, 'POST', `/v1/invitations/${token}/accept`, given);
  if (joined.status !== 201) throw new Error(`Joining was refused: ${joined.text}`);
  return browser(rig, fields.email, cookiesOf(joined));
}

/** Has an annotator who has an API key sign in, as if they had been invited by this owner's key. */
export async function seat(rig: Rig, owner: string, annotatorId: string): Promise<Browser> {
  const inviter = { email: '', call: (...args: [string, string, unknown?]) => rig.call(owner, ...args) };
  const person = await join(rig, inviter, { email: `${annotatorId}@example.org`, role: 'annotator' });
  await rig.db`
    update members set annotator_id = ${annotatorId}
    where user_id = (select id from users where email = ${person.email})`;
  return person;
}

/** Signs in anew. */
export async function signIn(rig: Rig, email: string, password = PASSWORD): Promise<Answer> {
  return rig.call(undefined, 'POST', '/v1/auth/sign-in/email', { email, password });
}

/** The browser after `signIn`. */
export function browserOf(rig: Rig, email: string, answer: Answer): Browser {
  return browser(rig, email, cookiesOf(answer));
}
