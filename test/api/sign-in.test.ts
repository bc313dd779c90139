import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { networkOf } from '../../api/sign-in/lockout.ts';
import type { Mail } from '../../api/sign-in/mail.ts';
import { insertKey } from '../support/keys.ts';
import { type Browser, browserOf, cookiesOf, join, makeOwner, PASSWORD, signIn } from './people.ts';
import { type Rig, runningCampaign, spam, startRig } from './rig.ts';

const mails: Mail[] = [];
const mailer = { delivers: true, send: async (mail: Mail) => void mails.push(mail) };

let rig: Rig;
let owner: Browser;
beforeAll(async () => {
  rig = await startRig({ signIn: { publicUrl: 'https://quorate.example.org', mailer } });
});
afterAll(() => rig.close());

describe('an empty server', () => {
  test('says that it needs an owner, makes one and no second one', async () => {
    expect((await rig.call(undefined, 'GET', '/v1/setup')).body).toMatchObject({ needsOwner: true });
    const at = { name: 'Olga', password: PASSWORD, organisation: 'Acme' };
    const both = await Promise.all(
      ['olga@example.org', 'otto@example.org'].map((email) => makeOwner(rig, { ...at, email })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const won = both.find(({ status }) => status === 201);
    owner = browserOf(rig, won?.body.email, won as (typeof both)[0]);
    expect((await rig.call(undefined, 'GET', '/v1/setup')).body).toMatchObject({ needsOwner: false });
    const me = await owner.call('GET', '/v1/me');
    expect(me.body).toMatchObject({
      user: { name: 'Olga', email: owner.email },
      role: 'owner',
      organisation: { name: 'Acme' },
    });
    expect(me.body.annotatorId).toBeUndefined();
  });
});

describe('the first owner', () => {
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };

  test('is not whoever comes first: it takes the link that the server prints, or a whole owner’s key', async () => {
    const own = await startRig();
    try {
      const setUp = async (body: object, key?: string) => (await own.call(key, 'POST', '/v1/setup', body)).status;
      expect(await setUp(given)).toBe(403);
      expect(await setUp({ ...given, token: 'x'.repeat(43) })).toBe(403);
      expect(await setUp(given, own.requester)).toBe(403);
      expect(await setUp(given, newApiKey())).toBe(401);
      const key = newApiKey();
      await insertKey(own.db, { hash: hashKey(key), role: 'owner', name: 'limited' });
      await own.db`update api_keys set scopes = '{campaigns:read}' where hash = ${hashKey(key)}`;
      expect(await setUp(given, key)).toBe(403);
      await own.db`update api_keys set scopes = '{people:manage}' where hash = ${hashKey(key)}`;
      expect(await setUp(given, key)).toBe(403);
      expect((await own.call(undefined, 'GET', '/v1/setup')).body).toMatchObject({ needsOwner: true });
      const whole = newApiKey();
      await insertKey(own.db, { hash: hashKey(whole), role: 'owner', name: 'whole' });
      expect(await setUp(given, whole)).toBe(201);
      expect((await makeOwner(own, { ...given, email: 'otto@example.org' })).status).toBe(409);
    } finally {
      await own.close();
    }
  });
});

describe('sessions', () => {
  test('are in cookies that scripts cannot read and other sites cannot send', async () => {
    const answer = await signIn(rig, owner.email.toUpperCase());
    expect(answer.status).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^__Secure-quorate\.session_token=/);
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(part);
  });

  test('end when one signs out', async () => {
    const browser = browserOf(rig, owner.email, await signIn(rig, owner.email));
    expect((await browser.call('GET', '/v1/me')).status).toBe(200);
    expect((await browser.call('POST', '/v1/auth/sign-out', {})).status).toBe(200);
    expect((await browser.call('GET', '/v1/me')).status).toBe(401);
  });

  test('with a changed signature or of nobody are none', async () => {
    for (const value of ['nonsense', `${'x'.repeat(32)}.${'y'.repeat(43)}=`, 'x'.repeat(4000)]) {
      const headers = { cookie: `__Secure-quorate.session_token=${value}`, 'sec-fetch-site': 'same-origin' };
      expect((await rig.call(undefined, 'GET', '/v1/me', undefined, headers)).status).toBe(401);
    }
  });

  test('may write only from pages of this server', async () => {
    const cookie = cookiesOf(await signIn(rig, owner.email));
    const write = async (headers: Record<string, string>) =>
      (
        await rig.call(undefined, 'POST', '/v1/campaigns', spam, {
          'content-type': 'application/json',
          cookie,
          ...headers,
        })
      ).status;
    expect(await write({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await write({ origin: 'https://quorate.example.org' })).toBe(201);
    expect(await write({ origin: 'https://evil.example.org' })).toBe(403);
    expect(await write({ 'sec-fetch-site': 'cross-site', origin: 'https://quorate.example.org' })).toBe(403);
    expect(await write({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await write({})).toBe(403);
    const elsewhere = { origin: 'https://evil.example.org' };
    const login = { email: owner.email, password: PASSWORD };
    expect(
      (
        await rig.call(undefined, 'POST', '/v1/auth/sign-in/email', login, {
          ...elsewhere,
          'content-type': 'application/json',
        })
      ).status,
    ).toBe(403);
  });

  test('get a repeated write answered with the same secret, which is not kept readable', async () => {
    const headers = { 'idempotency-key': 'invite-once' };
    const invite = () => owner.call('POST', '/v1/invitations', { email: 'once@example.org', role: 'viewer' }, headers);
    const [first, again] = [await invite(), await invite()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    const rows = await rig.db<{ text: string }[]>`select response::text as text from idempotency_keys`;
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ text }) => text).join()).not.toContain(String(first.body.link).split('/').at(-1));
  });
});

describe('invitations', () => {
  test('make one member each, with the role they name', async () => {
    const invited = await owner.call('POST', '/v1/invitations', { email: 'Rita@example.org', role: 'reviewer' });
    expect(invited.body).toMatchObject({ email: 'rita@example.org', role: 'reviewer', tier: null, state: 'open' });
    expect(mails.at(-1)).toMatchObject({ to: 'rita@example.org' });
    expect(mails.at(-1)?.text).toContain(invited.body.link);
    const token = String(invited.body.link).split('/').at(-1);
    expect((await rig.call(undefined, 'GET', `/v1/invitations/${token}`)).body).toMatchObject({
      email: 'rita@example.org',
      organisation: 'Acme',
    });
    const open = async () =>
      (await owner.call('GET', '/v1/invitations?limit=200&state=open')).body.items as {
        email: string;
        state: string;
      }[];
    expect((await open()).map(({ email }) => email)).toContain('rita@example.org');
    const accept = () =>
      rig.call(undefined, 'POST', `/v1/invitations/${token}/accept`, { name: 'Rita', password: PASSWORD });
    const both = await Promise.all([accept(), accept()]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 404]);
    const rita = browserOf(rig, 'rita@example.org', await signIn(rig, 'rita@example.org'));
    expect((await rita.call('GET', '/v1/me')).body).toMatchObject({ role: 'reviewer', user: { name: 'Rita' } });
    const list = await owner.call('GET', '/v1/invitations?limit=200');
    expect(list.body.items.find((each: { email: string }) => each.email === 'rita@example.org').state).toBe('accepted');
    const still = await open();
    expect(still.filter(({ state }) => state !== 'open')).toEqual([]);
    expect(still.map(({ email }) => email)).not.toContain('rita@example.org');
  });

  test('whose mail fails are made all the same, and say so', async () => {
    const send = mailer.send;
    mailer.send = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    const invited = await owner.call('POST', '/v1/invitations', { email: 'unmailed@example.org', role: 'viewer' });
    mailer.send = send;
    expect([invited.status, invited.body.mailed]).toEqual([201, false]);
    const token = String(invited.body.link).split('/').at(-1);
    expect((await rig.call(undefined, 'GET', `/v1/invitations/${token}`)).status).toBe(200);
    const mailed = await owner.call('POST', '/v1/invitations', { email: 'mailed@example.org', role: 'viewer' });
    expect(mailed.body.mailed).toBe(true);
  });

  test('cannot be used when taken back, expired, replaced or made up', async () => {
    const invite = () => owner.call('POST', '/v1/invitations', { email: 'late@example.org', role: 'viewer' });
    const open = async (link: string) =>
      (await rig.call(undefined, 'GET', `/v1/invitations/${link.split('/').at(-1)}`)).status;
    const first = await invite();
    const second = await invite();
    expect([await open(first.body.link), await open(second.body.link)]).toEqual([404, 200]);
    expect((await owner.call('POST', `/v1/invitations/${second.body.id}/revoke`)).status).toBe(204);
    expect(await open(second.body.link)).toBe(404);
    const third = await invite();
    await rig.db`update invitations set expires_at = now() - interval '1 second' where id = ${third.body.id}`;
    expect(await open(third.body.link)).toBe(404);
    expect(await open(`/${'x'.repeat(43)}`)).toBe(404);
  });

  test('are for addresses without an account, and for roles that there are', async () => {
    const invite = (body: unknown) => owner.call('POST', '/v1/invitations', body);
    expect((await invite({ email: owner.email, role: 'viewer' })).body).toMatchObject({
      code: 'conflict',
      field: 'email',
    });
    expect((await invite({ email: 'x@example.org', role: 'king' })).status).toBe(422);
    expect((await invite({ email: 'x@example.org', role: 'viewer', tier: 'expert' })).body).toMatchObject({
      field: 'tier',
    });
    expect((await invite({ email: 'x@example.org', role: 'viewer', languages: ['en'] })).body).toMatchObject({
      field: 'languages',
    });
    expect((await invite({ email: 'nonsense', role: 'viewer' })).body).toMatchObject({ field: 'email' });
  });
});

describe('an annotator who was invited', () => {
  test('is asked what the invitation says', async () => {
    const work = { tier: 'expert', workforce: 'night shift', specializations: ['law'], languages: ['en', 'ar'] };
    const bo = await join(rig, owner, { email: 'bo@example.org', role: 'annotator', ...work });
    const { annotatorId } = (await bo.call('GET', '/v1/me')).body;
    expect((await owner.call('GET', `/v1/annotators/${annotatorId}`)).body).toMatchObject(work);
  });

  test('leases and answers tasks with their cookie', async () => {
    const anna = await join(rig, owner, { email: 'anna@example.org', role: 'annotator', tier: 'trained' });
    const campaign = await runningCampaign(rig);
    const me = await anna.call('GET', '/v1/me');
    expect(me.body).toMatchObject({ role: 'annotator', annotator: { tier: 'trained', name: 'anna', answers: 0 } });
    expect(me.body.annotatorId).toBe(me.body.annotator.id);
    const offer = await anna.call('POST', '/v1/assignments/next', { campaignId: campaign.id });
    expect(offer.status).toBe(200);
    const answer = { label: 'spam', timeSpentS: 20 };
    const path = `/v1/assignments/${offer.body.assignmentId}/annotation`;
    expect((await anna.call('POST', path, answer)).status).toBe(201);
    expect((await anna.call('POST', path, answer)).status).toBe(200);
    expect((await anna.call('GET', '/v1/campaigns')).body).toMatchObject({ code: 'forbidden' });
  });
});

describe('passwords', () => {
  test('are reset by a mailed link, once, which ends all sessions', async () => {
    const pia = await join(rig, owner, { email: 'pia@example.org', role: 'viewer' });
    const ask = (email: string) => rig.call(undefined, 'POST', '/v1/auth/request-password-reset', { email });
    const before = mails.length;
    const [known, unknown] = [await ask('pia@example.org'), await ask('nobody@example.org')];
    expect(unknown.body).toEqual(known.body);
    await expect.poll(() => mails.slice(before).map(({ to }) => to)).toEqual(['pia@example.org']);
    const token = /https:\/\/quorate\.example\.org\/reset-password\?token=(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1];
    const set = (newPassword: string) => rig.call(undefined, 'POST', '/v1/auth/reset-password', { token, newPassword });
    expect((await set('short')).status).toBe(422);
    expect((await set('a new one entirely')).status).toBe(200);
    expect((await set('and another one')).status).toBeGreaterThanOrEqual(400);
    expect((await signIn(rig, 'pia@example.org')).status).toBe(401);
    expect((await signIn(rig, 'pia@example.org', 'a new one entirely')).status).toBe(200);
    await expect.poll(async () => (await pia.call('GET', '/v1/me')).status, { timeout: 5000 }).toBe(401);
  });

  test('are asked for by mail five times an hour for an address, whoever asks, and the answer is the same', async () => {
    for (const name of ['mia', 'max']) await join(rig, owner, { email: `${name}@example.org`, role: 'viewer' });
    const before = mails.length;
    const ask = (email: string) => rig.call(undefined, 'POST', '/v1/auth/request-password-reset', { email });
    const asked = [];
    for (let time = 0; time < 7; time++) asked.push(await ask('mia@example.org'));
    expect(new Set(asked.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    // Another address still gets its own, and by then those before have gone out.
    await ask('max@example.org');
    const to = () => mails.slice(before).map((mail) => mail.to.split('@')[0]);
    await expect.poll(to).toContain('max');
    await expect.poll(() => to().filter((name) => name === 'mia').length).toBe(5);
    await rig.db`
      update sign_in_failures set last_at = now() - interval '61 minutes' where email = 'mia@example.org'`;
    await ask('mia@example.org');
    await expect.poll(() => to().filter((name) => name === 'mia').length).toBe(6);
  });

  test('are changed by whoever knows the old one', async () => {
    const paul = await join(rig, owner, { email: 'paul@example.org', role: 'viewer' });
    const change = (currentPassword: string) =>
      paul.call('POST', '/v1/auth/change-password', { currentPassword, newPassword: 'something else again' });
    expect((await change('wrong wrong wrong')).status).toBe(422);
    expect((await change(PASSWORD)).status).toBe(200);
    expect((await paul.call('GET', '/v1/campaigns')).status).toBe(401);
    expect((await signIn(rig, 'paul@example.org', 'something else again')).status).toBe(200);
  });

  test('guessed too often lock the address, right one or not, until the time is over', async () => {
    await join(rig, owner, { email: 'lena@example.org', role: 'viewer' });
    for (const email of ['lena@example.org', 'ghost@example.org']) {
      await rig.db`insert into sign_in_failures (email, network, failures) values (${email}, '127.0.0.1', 9)`;
      expect((await signIn(rig, email, 'wrong wrong wrong')).body).toMatchObject({ code: 'unauthorized' });
      const locked = await signIn(rig, email);
      expect(locked.body).toMatchObject({ code: 'too_many_requests' });
      expect(Number(locked.headers['retry-after'])).toBeGreaterThan(800);
    }
    await rig.db`update sign_in_failures set locked_until = now() - interval '1 second'`;
    expect((await signIn(rig, 'lena@example.org')).status).toBe(200);
    expect(await rig.db`select 1 from sign_in_failures where email = 'lena@example.org'`).toHaveLength(0);
  });

  test('guessed too often with a session that was left open lock the address as well', async () => {
    const rosa = await join(rig, owner, { email: 'rosa@example.org', role: 'viewer' });
    const change = async (currentPassword: string) => {
      const given = { currentPassword, newPassword: 'something else again' };
      return (await rosa.call('POST', '/v1/auth/change-password', given)).status;
    };
    await rig.db`insert into sign_in_failures (email, network, failures) values ('rosa@example.org', '127.0.0.1', 9)`;
    expect([await change('wrong wrong wrong'), await change(PASSWORD)]).toEqual([422, 429]);
    await rig.db`update sign_in_failures set locked_until = now() - interval '1 second'`;
    expect(await change(PASSWORD)).toBe(200);
  });

  test('guessed elsewhere keep nobody out, and a new one opens the address again', async () => {
    await join(rig, owner, { email: 'nina@example.org', role: 'viewer' });
    const seed = (network: string, failures: number) => rig.db`
      insert into sign_in_failures (email, network, failures, locked_until)
      values ('nina@example.org', ${network}, ${failures}, now() + interval '10 minutes')`;
    await seed('203.0.113.9', 10);
    expect((await signIn(rig, 'nina@example.org')).status).toBe(200);
    await seed('127.0.0.1', 10);
    await seed('', 1000);
    expect((await signIn(rig, 'nina@example.org')).body).toMatchObject({ code: 'too_many_requests' });
    const before = mails.length;
    await rig.call(undefined, 'POST', '/v1/auth/request-password-reset', { email: 'nina@example.org' });
    await expect.poll(() => mails.length).toBe(before + 1);
    const token = /token=(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1];
    const given = { token, newPassword: 'a new one entirely' };
    expect((await rig.call(undefined, 'POST', '/v1/auth/reset-password', given)).status).toBe(200);
    expect((await signIn(rig, 'nina@example.org', 'a new one entirely')).status).toBe(200);
  });

  test('guessed from one network are counted together', () => {
    expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
    expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(networkOf('2001:DB8:1::6')).toBe('2001:db8:1:0');
    expect(networkOf('::1')).toBe('0:0:0:0');
  });

  test('are not stored', async () => {
    const rows = await rig.db<{ password: string }[]>`select password from accounts`;
    expect(rows.length).toBeGreaterThan(3);
    for (const { password } of rows) expect(password).not.toContain(PASSWORD);
  });
});
