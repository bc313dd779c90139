import { beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { itemViews } from '../../db/queries/payout-reports.ts';
import { approveRun, collectRun, exportRun, startRun } from '../../db/queries/payouts.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { paidPerson } from '../api/paid.ts';
import { browserOf, join, makeOwner, PASSWORD } from '../api/people.ts';
import { addAnnotators, runningCampaign } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { insertKey } from '../support/keys.ts';
import { actOf, noBrowser, say, scrolled, tooWide, usePages } from '../support/pages.ts';
import { ada, bea, roles } from '../support/payers.ts';
import { runActivity } from '../support/temporal-servers.ts';
import { owedAtProlific } from '../workers/accepting-vendor.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Pages whose tests need no worker: the API alone serves them, and what workflows do is done by hand. */
describe.skipIf(noBrowser)('the pages of those who run things', () => {
  let nowMs = Date.now();
  const pages = usePages({ now: () => new Date(nowMs) });
  const { seat, leave } = pages;
  const owner = newApiKey();
  beforeAll(() => insertKey(pages.rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' }));

  test('an owner caps all campaigns together, and lifts it; others only read it', async () => {
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/pay');
    const cap = page.getByRole('region', { name: 'All campaigns together' });
    await cap.getByText('There is no cap.').waitFor();
    await cap.getByLabel('New cap ($)').fill('1234.5');
    await cap.getByLabel('New cap ($)').press('Enter');
    // Nothing is drawn yet: all of it is left.
    await expect.poll(() => cap.getByText('$1,234.50').count()).toBe(2);
    expect(await seriousFaults(page)).toEqual([]);
    expect((await pages.rig.call(owner, 'GET', '/v1/budget')).body.cap).toMatchObject({ capUsd: '1234.50' });
    const desk = await seat(pages.rig.requester);
    await desk.page.goto('/pay');
    const read = desk.page.getByRole('region', { name: 'All campaigns together' });
    await read.getByText('Reserved and spent').waitFor();
    expect(await read.getByRole('button').count()).toBe(0);
    await cap.getByRole('button', { name: 'Lift it' }).click();
    const sure = page.getByRole('dialog');
    await sure.getByRole('button', { name: 'Cancel' }).click();
    await sure.waitFor({ state: 'detached' });
    expect((await pages.rig.call(owner, 'GET', '/v1/budget')).body.cap).toMatchObject({ capUsd: '1234.50' });
    await cap.getByRole('button', { name: 'Lift it' }).click();
    await sure.getByRole('button', { name: 'Lift it' }).click();
    await cap.getByText('There is no cap.').waitFor();
    await leave(office, desk);
  });

  test('an owner confirms a region of a higher floor that an annotator asks for', async () => {
    await pages.rig.call(owner, 'PUT', '/v1/pay-floors', {
      floors: [{ hourlyUsd: '12' }, { region: 'CH', hourlyUsd: '25' }],
    });
    // With nothing to be paid: the run of another test is for one recipient.
    const [who = { id: '', apiKey: '' }] = await addAnnotators(pages.rig, 1);
    const account = { holder: 'Ana Meyer', account: 'DE89 3704 0044 0532 0130 00', region: 'CH' };
    const said = await pages.rig.call(who.apiKey, 'PUT', '/v1/me/payout-account', account);
    expect(said.body).toMatchObject({ region: null, regionAsked: 'CH' });
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/pay');
    const asked = page.getByRole('region', { name: 'Regions to confirm' }).first();
    await asked.getByText('$12.00 → $25.00').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await asked.getByRole('button', { name: /^Confirm/ }).click();
    await asked.waitFor({ state: 'detached' });
    const [row] = await pages.rig.db`select region, region_asked from annotators where id = ${who.id}`;
    expect(row).toEqual({ region: 'CH', region_asked: null });
    await pages.rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [] });
    await leave(office);
  });

  test('members get other roles and are removed, invitations are withdrawn, and the last owner stays', async () => {
    const { rig } = pages;
    const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
    const inviter = browserOf(rig, given.email, await makeOwner(rig, given));
    for (const email of ['rita@example.org', 'vera@example.org']) await join(rig, inviter, { email, role: 'reviewer' });
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/people');
    const members = page.getByRole('region', { name: 'Members of this organisation' });
    // Choosing alone does nothing: arrow keys choose, too.
    await members.getByLabel('Role of rita').selectOption('requester');
    await members.getByRole('button', { name: 'Apply the role of rita' }).click();
    await page.getByRole('dialog').getByText('The role is reviewer now.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Change the role' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect
      .poll(async () =>
        (await inviter.call('GET', '/v1/members')).body.items.map((each: { role: string }) => each.role),
      )
      .toEqual(['owner', 'requester', 'reviewer']);
    expect(await seriousFaults(page)).toEqual([]);
    await members.getByLabel('Role of Olga').selectOption('viewer');
    await members.getByRole('button', { name: 'Apply the role of Olga' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Change the role' }).click();
    await page.getByText('Olga is the only owner').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await members.getByLabel('Role of Olga').inputValue()).toBe('owner');

    // Whoever goes back is where they were.
    await members.getByRole('button', { name: 'Remove vera' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await members.getByRole('button', { name: 'Remove vera' }).and(page.locator(':focus')).waitFor();
    await members.getByRole('button', { name: 'Remove vera' }).click();
    expect(await seriousFaults(page)).toEqual([]);
    // By keys: what is safe has the focus, what cannot be taken back is one step on.
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await members.getByText('vera@example.org').waitFor({ state: 'detached' });
    // What was left is gone: Tab goes on in the page.
    await page.getByRole('main').and(page.locator(':focus')).waitFor();

    await page.getByLabel('E-mail').fill('ida@example.org');
    await page.getByRole('region', { name: 'Invite somebody' }).getByLabel('Languages').fill('en, ar');
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    await page.getByRole('cell', { name: 'annotator, crowd, internal, en, ar' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByText('ida@example.org is invited. Send them this link:').waitFor();
    const link = (await page.locator('output code').textContent()) ?? '';
    expect(await page.getByLabel('E-mail').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Withdraw the invitation of ida@example.org' }).click();
    await page.getByText('Nobody is invited who has not come.').waitFor();
    // It is no good any more.
    await page.locator('output').waitFor({ state: 'detached' });
    expect((await rig.call(undefined, 'GET', `/v1${new URL(link).pathname}`)).status).toBe(404);
    // Whoever is signed in stays so where an invitation is not good any more.
    await page.goto(new URL(link).pathname);
    await page.getByText('This invitation was used, taken back or has expired').waitFor();
    expect(await page.getByRole('button', { name: 'Accept the invitation' }).count()).toBe(0);

    await page.goto('/people');
    await page.getByLabel('E-mail').fill('ida@example.org');
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    const good = new URL((await page.locator('output code').textContent()) ?? '');
    await page.goto(good.pathname);
    await page.getByText('You are signed in here as').waitFor();
    await page.getByText('ida@example.org').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await leave(office);
  });

  test('what one annotator is asked, their standing and their key are changed on the page of people', async () => {
    const { rig } = pages;
    const [person] = await addAnnotators(rig, 1);
    await rig.db`update annotators set name = 'Only One' where id = ${person?.id ?? ''}`;
    const office = await seat(rig.requester);
    const { page } = office;
    await page.goto('/people');
    const row = page.getByRole('row').filter({ hasText: 'Only One' });
    await actOf(row, 'Change');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Tier').selectOption('expert');
    await dialog.getByLabel('Workforce').fill('night shift');
    await dialog.getByLabel('Languages').fill('en, ar');
    await dialog.getByLabel('Specializations').fill('internal medicine, law');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('cell', { name: 'en, ar' }).waitFor();
    await row.getByRole('cell', { name: 'night shift' }).waitFor();
    await row.getByRole('cell', { name: 'internal medicine, law' }).waitFor();
    expect(await scrolled(page)).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await row.getByRole('button', { name: 'Act Only One' }).press('Enter');
    expect(await seriousFaults(page)).toEqual([]);
    // By keys: the acts come next, and Escape goes back to the button.
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Act Only One' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    for (const _ of ['Change', 'Recalibrate', 'Suspend']) await page.keyboard.press('Tab');
    await row.getByRole('button', { name: 'Suspend' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await say(page, 'Reason', 'Copied answers.', 'Suspend');
    expect(rig.temporal.updates.at(-1)).toMatchObject({ name: 'suspend', args: [{ reason: 'Copied answers.' }] });
    await actOf(row, 'New key');
    await dialog.getByRole('button', { name: 'Make a new key' }).click();
    const key = (await dialog.locator('output code').textContent()) ?? '';
    expect((await rig.call(key, 'GET', '/v1/me')).body.annotator).toMatchObject({ tier: 'expert' });
    const { body } = await rig.call(rig.requester, 'GET', `/v1/annotators/${person?.id}`);
    expect(body.specializations).toEqual(['internal medicine', 'law']);
    // What is not touched is not sent: a comma within an entry does not part it.
    const specializations = ['Endocrinology, paediatric'];
    await rig.call(rig.requester, 'PATCH', `/v1/annotators/${person?.id}`, { specializations });
    await page.reload();
    await actOf(row, 'Change');
    await dialog.getByLabel('Name').fill('Only One of Them');
    await dialog.getByLabel('Tier').selectOption('trained');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('cell', { name: 'trained' }).waitFor();
    const changed = (await rig.call(rig.requester, 'GET', `/v1/annotators/${person?.id}`)).body;
    expect(changed).toMatchObject({ name: 'Only One of Them', tier: 'trained', specializations });
    await expect.poll(async () => (await rig.call(person?.apiKey, 'GET', '/v1/me')).status).toBe(401);
    await leave(office);
  });

  test('who has forgotten a password is told whom to ask where no mail is sent', async () => {
    const nobody = await seat();
    const { page } = nobody;
    // With no owner yet the way in is another one.
    await page.goto('/sign-in?by=key');
    await page.getByRole('button', { name: 'Use e-mail and password' }).click();
    await page.getByLabel('E-mail').fill('olga@example.org');
    await page.getByRole('button', { name: 'Forgot your password?' }).click();
    await page.getByText('ask whoever runs it for the link').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await leave(nobody);
  });

  test('an owner of the first organisation makes another one, whose owner makes none', async () => {
    const { rig } = pages;
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/people');
    await page.getByLabel('Name of the organisation').fill('Neighbour');
    await page.getByLabel('Mail address of its owner').fill('nadia@example.org');
    await page.getByLabel('Mail address of its owner').press('Enter');
    const link =
      (await page.getByText('Send this link to the owner of Neighbour:').locator('code').textContent()) ?? '';
    await page.getByRole('region', { name: 'Organisations of this server' }).getByText('Neighbour').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(link).toContain('/invitations/');
    const { body } = await rig.call(owner, 'GET', '/v1/organisations');
    const organisationId: string = body.items.at(-1).id;
    const theirs = newApiKey();
    await insertKey(rig.db, { hash: hashKey(theirs), role: 'owner', name: 'theirs', organisationId });
    const neighbour = await seat(theirs);
    await neighbour.page.goto('/people');
    await neighbour.page.getByRole('heading', { name: 'API keys' }).waitFor();
    expect(await neighbour.page.getByRole('heading', { name: 'Organisations' }).count()).toBe(0);
    await leave(office, neighbour);
  });

  test('a key for a program is made, works, and is ended', async () => {
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/people');
    await page.getByLabel('What the key is for').fill('Nightly import');
    await page.getByLabel('Its role').selectOption('viewer');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = (await page.locator('output code').textContent()) ?? '';
    const ask = async () => (await pages.rig.call(key, 'GET', '/v1/campaigns')).status;
    expect(await ask()).toBe(200);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'End the key Nightly import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'Nightly import' })
      .getByText(/^ended /)
      .waitFor();
    await expect.poll(ask).toBe(401);
    await leave(office);
  });

  test('an annotator is recalibrated from the dashboard, which shows what vendors were asked for', async () => {
    const { rig } = pages;
    const { id, taskIds, annotators } = await runningCampaign(rig);
    const key = annotators[0]?.apiKey;
    const offer = await rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id });
    const path = `/v1/assignments/${offer.body.assignmentId}/annotation`;
    await rig.call(key, 'POST', path, { label: 'spam', timeSpentS: 9 });
    await rig.db`
      insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, state, last_error, deadline_at)
      values (gen_random_uuid(), ${id}, 'prolific', ${taskIds[0] ?? ''}, 1, 250000, 'failed', 'No such study.', now())`;
    await rig.db`
      insert into vendor_health (vendor, failures, open_until, last_error)
      values ('prolific', 5, now() + interval '1 hour', 'They answered 503.')`;
    const office = await seat(rig.requester);
    const { page } = office;
    await page.goto(`/campaigns/${id}`);
    const workers = page.getByRole('region', { name: 'Annotators', exact: true });
    await actOf(workers, 'Recalibrate');
    await say(page, 'Reason', 'The instructions are new.', 'Recalibrate');
    expect(rig.temporal.updates.at(-1)).toMatchObject({ name: 'recalibrate' });
    // Suspended at this type alone: that is what is shown, and what is taken back.
    await rig.db`
      insert into annotator_standings (annotator_id, task_type, standing, standing_reason, recent_golds, recent_correct,
        gold_total, gold_correct, quality_score)
      values (${annotators[0]?.id ?? ''}, 'classification', 'suspended', '2 of 10 golds were right.', 10, 2, 10, 2, 0.25)`;
    await workers.getByText('2 of 10 golds were right.').waitFor();
    await actOf(workers.getByRole('row').filter({ hasText: '2 of 10 golds were right.' }), 'Reinstate');
    await page.getByRole('dialog').getByText('They get tasks of this type again.').waitFor();
    await say(page, 'Reason', 'The golds were wrong.', 'Reinstate');
    expect(rig.temporal.updates.at(-1)).toMatchObject({
      name: 'reinstate',
      args: [{ reason: 'The golds were wrong.', taskType: 'classification' }],
    });
    const at = await seat(key);
    await at.page.goto('/me');
    await at.page.getByText('Classification: Suspended: you get no tasks for now.').waitFor();
    await at.page.getByText('Reason: 2 of 10 golds were right.').waitFor();
    await leave(at);
    const orders = page.getByRole('region', { name: 'Vendor orders', exact: true });
    await orders.getByText('5 calls failed in a row').waitFor();
    await orders.getByRole('cell', { name: 'failed' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);

    // Whoever only looks is shown nothing that is not for them.
    const watcher = await seat(rig.viewer);
    const asked: string[] = [];
    watcher.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await watcher.page.goto(`/campaigns/${id}`);
    await watcher.page.getByRole('region', { name: 'Tasks of this campaign' }).waitFor();
    await watcher.page.getByText('These figures are live.').waitFor();
    expect(asked).toContain(`/v1/campaigns/${id}/agreement`);
    expect(asked).not.toContain(`/v1/campaigns/${id}/reports`);
    expect(await watcher.page.getByRole('alert').count()).toBe(0);
    await leave(office, watcher);
  });

  test('pay: an account, a disputed deduction, and a run until a person has found out what became of it', async () => {
    const { rig } = pages;
    const who = await paidPerson(rig);
    const worker = await seat(who.apiKey);
    await worker.page.goto('/me');
    await worker.page.getByText('You came in by a key').waitFor();
    await worker.page.getByLabel('Account holder').fill('Ana Müller');
    await worker.page.getByLabel('IBAN or account number').fill('DE89 3704 0044 0532 0130 01');
    await worker.page.getByRole('button', { name: 'Save' }).click();
    await worker.page.getByText('no IBAN with the right check digits').waitFor();
    await worker.page.getByLabel('IBAN or account number').fill('DE89 3704 0044 0532 0130 00');
    await worker.page.getByRole('button', { name: 'Save' }).click();
    await worker.page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
    // The form was begun anew with what is saved.
    await worker.page
      .getByRole('heading', { name: 'Where your pay goes' })
      .and(worker.page.locator(':focus'))
      .waitFor();
    await worker.page.getByRole('region', { name: 'Earnings by campaign' }).getByText('$0.05').waitFor();
    expect(await seriousFaults(worker.page)).toEqual([]);

    // Where several may review deductions it takes a key of one of them.
    const known = newApiKey();
    await insertKey(rig.db, { hash: hashKey(known), role: 'requester', name: 'desk' });
    await rig.db`
      update api_keys set made_by = (select user_id::text from members where role = 'owner' limit 1)
      where hash = ${hashKey(known)}`;
    const requester = await seat(known);
    await requester.page.goto(`/tasks/${who.taskId}`);
    await requester.page.getByRole('button', { name: 'Propose a deduction' }).click();
    await say(requester.page, 'Reason', 'It was copied.', 'Propose it');
    await worker.page.reload();
    await worker.page.getByText('It was copied.').waitFor();
    await worker.page.getByRole('button', { name: 'Say why not' }).click();
    await worker.page.getByLabel('Why should nothing be taken?').fill('I wrote it myself.');
    expect(await seriousFaults(worker.page)).toEqual([]);
    await worker.page.getByRole('button', { name: 'Send' }).click();
    await worker.page.getByText('You said: I wrote it myself.').waitFor();

    await requester.page.goto('/pay');
    await requester.page.getByRole('cell', { name: 'I wrote it myself.' }).waitFor();
    await requester.page.getByRole('button', { name: 'Apply' }).click();
    await requester.page.getByLabel('Why it is ruled so').fill('I say so.');
    await requester.page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await requester.page
      .getByText(/somebody else/)
      .last()
      .waitFor();
    const office = await seat(owner);
    const { page } = office;
    await page.goto('/pay');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await say(page, 'Why it is ruled so', 'It is their own.', 'Dismiss');
    await page.getByRole('cell', { name: 'dismissed' }).waitFor();
    const ledger = page.getByRole('region', { name: 'Entries of the ledger' });
    await ledger.getByRole('row').filter({ hasText: 'annotator payable' }).first().waitFor();
    expect(await requester.page.getByRole('region', { name: 'Entries of the ledger' }).count()).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);

    const period = new Date().toISOString().slice(0, 7);
    nowMs = Date.now() + 40 * DAY_MS;
    await page.getByLabel('Month').fill(period);
    await page.getByRole('button', { name: 'Begin the run' }).click();
    await page.getByText('What is owed is being collected.').waitFor();
    const runId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await collectRun(rig.db, runId);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText(`$0.05 go to 1 recipient for ${period}.`).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Approve it' }).click();
    await page.getByText("The bank's file is being fixed.").waitFor();
    await exportRun(rig.db, runId);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: "Download the bank's file" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`payout-${period}.csv`);
    const reference =
      (await page.getByRole('region', { name: 'Payments of this run' }).locator('code').textContent()) ?? '';
    const report = async (lines: string) => {
      const buffer = Buffer.from(`reference,amount,status\n${lines}\n`);
      await page.getByLabel('Take in a report').setInputFiles({ name: 'report.csv', mimeType: 'text/csv', buffer });
    };
    await report(`${reference},0.05,lost`);
    await page.getByText('Line 2: the status is not paid, failed, returned or pending.').waitFor();
    // Less has arrived than was sent: nobody but a person can know.
    await report(`${reference},0.04,paid`);
    await page.getByRole('button', { name: `It arrived ${reference}` }).click();
    expect(await seriousFaults(page)).toEqual([]);
    await say(page, 'How you know', 'The bank took a fee.', 'It arrived');
    await page.getByRole('cell', { name: 'paid', exact: true }).waitFor();
    await leave(worker, requester, office);
  });

  test('a run shows what a vendor has accepted, and leads to the answer that it does not pay for', async () => {
    const { rig } = pages;
    // Another test has broken its circuit.
    await rig.db`delete from vendor_health`;
    const { shop, order, units } = await owedAtProlific(rig.db);
    shop.review.set(units[0] ?? '', 'rejected');
    const period = parsePeriod('2100-01');
    const now = new Date('2999-01-01T00:00:00Z');
    const { id } = await startRun(rig.db, { organisationId, period, leastMicros: 10_000n, by: ada, roles, now });
    await collectRun(rig.db, id);
    await approveRun(rig.db, { runId: id, by: bea, roles });
    await exportRun(rig.db, id);
    for (const payment of (await itemViews(rig.db, id)).filter(({ settles }) => settles)) {
      await runActivity(order.activities.settlePayment, { paymentId: payment.id });
    }
    const office = await seat(owner);
    const { page } = office;
    await page.goto(`/pay/${id}`);
    await page.getByRole('cell', { name: 'prolific, by acceptance' }).waitFor();
    await page.getByText('1 of 2 answers accepted there for $0.0858.').waitFor();
    await page.getByText('1 answer not paid there').click();
    await page.getByText('prolific has the answer as rejected.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('link', { name: units[0] ?? '' }).click();
    await page.getByRole('button', { name: 'Propose a deduction' }).waitFor();
    await leave(office);
  });

  test('one’s own page is whole in Arabic, on a phone', async () => {
    const { rig } = pages;
    const who = await paidPerson(rig);
    const worker = await seat(who.apiKey, { viewport: { width: 390, height: 844 }, locale: 'ar' });
    await worker.page.goto('/me');
    await worker.page.getByRole('heading', { name: 'إلى أين يُرسل أجرك' }).waitFor();
    expect(await tooWide(worker.page)).toBeLessThanOrEqual(0);
    expect(await seriousFaults(worker.page)).toEqual([]);

    await leave(worker);
  });
});
