import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import type { Mail } from '../../api/sign-in/mail.ts';
import { browserOf, join, makeOwner, PASSWORD } from '../api/people.ts';
import { type Rig, runningCampaign, spam, startRig } from '../api/rig.ts';
import { openBrowser, seriousFaults, takeSeat } from '../support/browser.ts';
import { insertKey } from '../support/keys.ts';
import { CLIENT, type Provider, startProvider } from '../support/oidc-provider.ts';
import { noBrowser } from '../support/pages.ts';
import { freePort } from '../support/ports.ts';
import { requireBuild } from '../support/stack.ts';

describe.skipIf(noBrowser)('coming in', () => {
  const mails: Mail[] = [];
  let rig: Rig;
  let provider: Provider;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    requireBuild();
    provider = await startProvider();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const oidc = { issuer: provider.issuer, clientId: CLIENT, clientSecret: 'secret', name: 'Acme login' };
    rig = await startRig({
      webRoot: fileURLToPath(new URL('../../web/dist', import.meta.url)),
      signIn: { publicUrl: url, oidc, mailer: { delivers: true, send: async (mail) => void mails.push(mail) } },
    });
    await rig.app.listen({ host: '127.0.0.1', port });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
    provider?.close();
  });

  test('by password, by the organisation’s own sign-in, and not at all for whom nobody invited', async () => {
    const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
    const inviter = browserOf(rig, given.email, await makeOwner(rig, given));
    await join(rig, inviter, { email: 'rita@example.org', role: 'reviewer' });
    const { page, context, complaints } = await takeSeat(browser, { url });
    await page.goto('/campaigns');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('E-mail').fill('rita@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();

    // Who has forgotten it is mailed a link, and chooses another one.
    await page.getByLabel('E-mail').fill('rita@example.org');
    await page.getByRole('button', { name: 'Forgot your password?' }).click();
    await page.getByText('a link is on its way').waitFor();
    const link = new RegExp(`${url}(/reset-password\\?token=\\S+)`).exec(mails.at(-1)?.text ?? '')?.[1];
    await page.goto(link ?? 'no link');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'password' }).fill('another long password');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign-in');
    await page.getByLabel('E-mail').fill('rita@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill('another long password');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Rulings' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();

    provider.person = { sub: 's1', email: 'rita@example.org', email_verified: true, name: 'Rita' };
    await page.goto('/sign-in?to=/campaigns');
    await page.getByRole('button', { name: 'Sign in with Acme login' }).click();
    await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
    expect(new URL(page.url()).origin).toBe(url);
    await page.getByRole('button', { name: 'Sign out' }).click();

    provider.person = { sub: 's2', email: 'eve@example.org', email_verified: true, name: 'Eve' };
    await page.goto('/sign-in?to=/campaigns');
    await page.getByRole('button', { name: 'Sign in with Acme login' }).click();
    await page.getByText('nobody here has invited', { exact: false }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);

    // By the link of an invitation, too, without a password.
    const { body } = await inviter.call('POST', '/v1/invitations', { email: 'eve@example.org', role: 'reviewer' });
    await page.goto(new URL(body.link).pathname);
    await page.getByRole('button', { name: 'Accept the invitation' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in with Acme login' }).click();
    await page.getByRole('heading', { name: 'Rulings' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('in one tab leaves nothing in the others of whoever was signed in before', async () => {
    const [organisationId, before, after] = [uuidv7(), newApiKey(), newApiKey()];
    await rig.db`insert into organisations (id, name) values (${organisationId}, 'Neighbour')`;
    await insertKey(rig.db, { hash: hashKey(before), role: 'requester', name: 'before' });
    await insertKey(rig.db, { hash: hashKey(after), role: 'requester', name: 'after', organisationId });
    await rig.call(before, 'POST', '/v1/campaigns', { ...spam, name: 'Of the first alone' });
    const { page, context, complaints } = await takeSeat(browser, { url });
    const enter = async (key: string) => {
      await page.goto('/sign-in?by=key&to=/campaigns');
      await page.getByRole('textbox', { name: 'API key' }).fill(key);
      await page.getByRole('checkbox').check();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
    };
    await enter(before);
    await page.getByRole('link', { name: 'Of the first alone' }).waitFor();
    const other = await context.newPage();
    await other.goto('/campaigns');
    const theirs = other.getByText('Of the first alone');
    await theirs.waitFor();
    await other.getByRole('link', { name: 'People' }).click();
    await other.getByRole('heading', { name: 'People' }).waitFor();
    // What is asked anew there does not come: what was kept would show.
    await other.route('**/v1/campaigns?*', () => undefined);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    await enter(after);
    // The same page, never loaded again.
    await other.getByRole('link', { name: 'Campaigns' }).click();
    await other.getByRole('heading', { name: 'Campaigns' }).waitFor();
    expect(await theirs.count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('in Arabic, from right to left: the first start, an invitation, and a new password', async () => {
    const seat = await takeSeat(browser, { url, locale: 'ar' });
    const { page } = seat;
    const reads = async (path: string, heading: string) => {
      await page.goto(path);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual([
        'ar',
        'rtl',
      ]);
      // Nothing is left in English but the name, and what the server's commands are called.
      const words = await page.getByRole('main').textContent();
      expect((words ?? '').replaceAll(/Quorate|`[^`]*`|\/setup\S*|Acme login/g, '')).not.toMatch(/[a-z]{3}/i);
      expect(await seriousFaults(page)).toEqual([]);
    };
    await reads('/sign-in', 'تسجيل الدخول');
    await reads('/invitations/some-token-of-an-invitation', 'لديك دعوة');
    // Whoever has used theirs has an account.
    await page.getByRole('main').getByRole('link', { name: 'تسجيل الدخول' }).waitFor();
    await reads('/reset-password?token=some-token', 'اختر كلمة مرور جديدة');
    await reads('/setup', 'مرحبًا بك في Quorate');
    await reads('/setup?token=some-token', 'مرحبًا بك في Quorate');
    await page.getByRole('button', { name: 'إنشاء حساب المالك' }).waitFor();
    expect(seat.complaints).toEqual([]);
    await seat.context.close();
  });

  test('a key that is no good stands in nobody’s way, and a password is changed on one’s own page', async () => {
    const { page, context, complaints } = await takeSeat(browser, { url });
    const byPassword = async (each: Page, password: string) => {
      await each.getByLabel('E-mail').fill('rita@example.org');
      await each.getByRole('textbox', { name: 'Password' }).fill(password);
      await each.keyboard.press('Enter');
      await each.getByRole('heading', { name: 'Campaigns' }).waitFor();
    };
    const byKey = async (key: string) => {
      await page.goto('/sign-in?by=key&to=/campaigns');
      await page.getByRole('textbox', { name: 'API key' }).fill(key);
      expect(await page.title()).toBe('Sign in · Quorate');
      await page.keyboard.press('Enter');
    };
    await byKey('mistyped');
    await page.getByRole('alert').filter({ hasText: 'This API key is unknown or was revoked.' }).waitFor();
    expect(await page.evaluate('sessionStorage.getItem("quorate.key")')).toBeNull();
    await page.getByRole('button', { name: 'Use e-mail and password' }).click();
    await byPassword(page, 'another long password');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    const key = newApiKey();
    await insertKey(rig.db, { hash: hashKey(key), role: 'viewer', name: 'watcher' });
    await byKey(key);
    await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
    await rig.db`update api_keys set revoked_at = now() where hash = ${hashKey(key)}`;
    await expect
      .poll(async () => {
        await page.goto('/campaigns');
        await page.getByRole('heading', { level: 1 }).waitFor();
        return page.getByRole('heading', { level: 1 }).textContent();
      })
      .toBe('Sign in');
    // A session that is in use is kept alive.
    const kept = page.waitForResponse('**/v1/auth/get-session');
    await byPassword(page, 'another long password');
    expect((await kept).status()).toBe(200);

    const other = await takeSeat(browser, { url });
    await other.page.goto('/sign-in?to=/campaigns');
    await byPassword(other.page, 'another long password');
    await page.getByRole('link', { name: 'My page' }).click();
    const change = async (present: string) => {
      await page.getByLabel('Present password').fill(present);
      await page.getByLabel('New password').fill('quite another password');
      await page.getByRole('button', { name: 'Change the password' }).click();
    };
    await change('not this one');
    await page.getByRole('alert').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await change('another long password');
    await page.getByRole('status').filter({ hasText: 'The password is changed' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'My page' }).waitFor();
    await expect
      .poll(async () => {
        await other.page.goto('/campaigns');
        await other.page.getByRole('heading', { level: 1 }).waitFor();
        return other.page.getByRole('heading', { level: 1 }).textContent();
      })
      .toBe('Sign in');
    await byPassword(other.page, 'quite another password');
    expect([...complaints, ...other.complaints]).toEqual([]);
    await context.close();
    await other.context.close();
  });

  test('by a calibration session, with examples, feedback after each answer, by mouse and by keys', async () => {
    const known = Array.from({ length: 16 }, (_, at) => {
      const gold = at % 4 === 0 ? 'spam' : 'ham';
      return { key: `g${at}`, text: `${gold} number ${at}`, gold };
    });
    const settings = { goldRatio: 0.05, calibration: { questions: 6, examples: 2 } };
    const items = [{ key: 'work', text: 'Buy now' }, ...known];
    const { id, annotators } = await runningCampaign(rig, { settings, items });
    await rig.db`update annotators set standing = 'recalibrating' where id = ${annotators[0]?.id ?? ''}`;
    const seat = await takeSeat(browser, { url, key: annotators[0]?.apiKey ?? '' });
    const { page } = seat;
    await page.goto('/me');
    await page.getByText('Your standing is in doubt').waitFor();
    await page.getByRole('link', { name: /Go to the session/ }).click();
    await page.waitForURL(`**/calibrate/${id}`);
    await page.getByText('Question 1 of 6').waitFor();
    expect(await page.locator('.content-card').count()).toBeGreaterThanOrEqual(2);
    expect(await seriousFaults(page)).toEqual([]);
    for (let number = 1; number <= 6; number++) {
      const card = page.getByRole('region', { name: `Question ${number} of 6` });
      const truth = (await card.textContent())?.includes('spam number') ? 'spam' : 'ham';
      if (number % 2 === 0) await page.keyboard.press(truth === 'spam' ? '1' : '2');
      else await card.getByRole('button', { name: truth, exact: false }).click();
      if (number % 2 === 0) await page.keyboard.press(number === 2 ? 'Control+Enter' : 'Enter');
      else await card.getByRole('button', { name: 'Submit answer' }).click();
      const follows = page.getByRole('heading', {
        name: number < 6 ? `Question ${number + 1} of 6` : 'You have passed',
      });
      await follows.waitFor();
      await expect.poll(() => follows.evaluate((heading) => heading.matches(':focus'))).toBe(true);
    }
    await page.getByRole('heading', { name: 'You have passed' }).waitFor();
    await page.getByText('6 of 6 right.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(seat.complaints).toEqual([]);
    await seat.context.close();
  });
});
