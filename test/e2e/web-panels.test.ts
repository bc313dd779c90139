import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { giveBonus } from '../../db/queries/adjustments.ts';
import { storeAutoLabeling } from '../../db/queries/model-labels.ts';
import { payAnnotation } from '../../db/queries/money.ts';
import { recordPayNotices } from '../../db/queries/pay-floors.ts';
import { openReport } from '../../db/queries/quality-reports.ts';
import { VendorError } from '../../vendors/errors.ts';
import { call } from '../../vendors/vendor.ts';
import { runningCampaign, spam } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { deferred } from '../support/deferred.ts';
import { actOf, noBrowser, say, scrolled, usePages } from '../support/pages.ts';
import { until } from '../support/rig.ts';
import { bought, done, response } from '../workers/scripted-vendor.ts';

const MOST_STEPS = 120;

/** Goes to it by the Tab key alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(target)} is not reached by ${MOST_STEPS} steps of the Tab key.`);
}

/** Presses a button, or opens what it opens, by keys alone. */
async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Answers the dialog that is open by keys alone: its field has the focus. */
async function sayByKeys(page: Page, text: string, button: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').and(page.locator(':focus')).waitFor();
  await page.keyboard.type(text);
  await press(page, dialog.getByRole('button', { name: button }));
  await dialog.waitFor({ state: 'detached' });
}

/** What workflows do to answers is done here by their activities. */
describe.skipIf(noBrowser)('the panels of a campaign', () => {
  const pages = usePages();

  const activities = () => createActivities({ db: pages.rig.db, nowMs: () => Date.now(), wake: () => undefined });

  /** Everybody answers all they are given; the ids of the answers. */
  async function answerAll(id: string, people: readonly { apiKey: string }[], label: string, timeSpentS = 18) {
    const sent: string[] = [];
    for (const { apiKey } of people) {
      for (;;) {
        const next = await pages.rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
        if (next.status !== 200) break;
        const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
        const { body } = await pages.rig.call(apiKey, 'POST', path, { label, timeSpentS });
        sent.push(body.annotationId);
      }
    }
    return sent;
  }

  /** A campaign with one task that three trusted annotators answered, by default alike; the second counts for less. */
  async function decided(labels: readonly [string, string, string] = ['spam', 'spam', 'spam']) {
    const { rig } = pages;
    const { id, taskIds, annotators } = await runningCampaign(rig);
    await rig.db`
      update annotators set gold_total = 20, gold_correct = 19,
        quality_score = case when id = ${annotators[1]?.id ?? ''} then 0.85 else 0.9 end
      where id = any(${annotators.map((each) => each.id)})`;
    for (const [at, who] of annotators.entries()) await answerAll(id, [who], labels[at] ?? '');
    await activities().decideTask({ taskId: taskIds[0] ?? '', minConfidence: 0, acceptAny: true, log: [] });
    return id;
  }

  async function openCampaign(id: string) {
    const office = await pages.seat(pages.rig.requester);
    await office.page.goto(`/campaigns/${id}`);
    await office.page.locator('h1:not(.visually-hidden)').waitFor();
    return office;
  }

  test('seven dashboards are open in one browser: those out of sight hold no connection, and are up to date once seen', async () => {
    const { rig } = pages;
    const { id } = await runningCampaign(rig);
    const office = await openCampaign(id);
    const see = (page: Page, seen: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${!seen} });
        document.dispatchEvent(new Event('visibilitychange'))`);
    for (let more = 0; more < 6; more++) {
      await see(office.context.pages().at(-1) ?? office.page, false);
      const page = await office.context.newPage();
      await page.goto(`/campaigns/${id}`);
      await page.locator('h1:not(.visually-hidden)').waitFor();
    }
    await rig.db`update campaigns set name = 'Called otherwise' where id = ${id}`;
    expect(await office.page.getByRole('heading', { level: 1 }).textContent()).not.toContain('Called otherwise');
    await see(office.page, true);
    await office.page.getByRole('heading', { level: 1, name: 'Called otherwise' }).waitFor();
    await pages.leave(office);
  });

  test('a gold answer is contested on one’s own page and upheld on the campaign’s, by keys alone', async () => {
    const { rig } = pages;
    const items = [
      { key: 'work', text: 'See you at noon' },
      { key: 'gold', text: 'Buy now', gold: 'ham' },
    ];
    const settings = { goldRatio: 1, goldFloor: 0 };
    const { id, annotators } = await runningCampaign(rig, { settings, items });
    const [who = { id: '', apiKey: '' }] = annotators;
    const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
    const { body } = await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS: 9 });
    await activities().gradeGold({
      annotatorId: who.id,
      annotationIds: [body.annotationId],
      goldTotal: 0,
      goldCorrect: 0,
    });

    const worker = await pages.seat(who.apiKey);
    await worker.page.goto('/me');
    await worker.page.getByRole('listitem').filter({ hasText: 'Buy now' }).waitFor();
    await press(worker.page, worker.page.getByRole('button', { name: 'Contest' }));
    const why = worker.page.getByLabel('Why is your answer right?').and(worker.page.locator(':focus'));
    await why.waitFor();
    await press(worker.page, worker.page.getByRole('button', { name: 'Cancel' }));
    const entry = worker.page.getByRole('listitem').and(worker.page.locator(':focus'));
    await entry.waitFor();
    await press(worker.page, worker.page.getByRole('button', { name: 'Contest' }));
    await why.waitFor();
    await worker.page.keyboard.type('It sells something.');
    await press(worker.page, worker.page.getByRole('button', { name: 'Send' }));
    await entry.getByText('Contested').waitFor();

    const office = await openCampaign(id);
    const appeals = office.page.getByRole('region', { name: 'Contested answers', exact: true }).first();
    await appeals.getByRole('cell', { name: 'It sells something.' }).waitFor();
    expect(await seriousFaults(office.page)).toEqual([]);
    await press(office.page, appeals.getByRole('button', { name: 'Uphold' }));
    await sayByKeys(office.page, 'It does sell something.', 'Uphold');
    await appeals.waitFor({ state: 'detached' });
    const [appeal] = await rig.db<{ state: string; note: string }[]>`
      select p.state, p.note from gold_appeals p where p.annotation_id = ${body.annotationId}`;
    expect(appeal).toEqual({ state: 'upheld', note: 'It does sell something.' });
    await pages.leave(worker, office);
  });

  test('reports are worked off, a deduction names whom and what it is of, and a pause by itself says so', async () => {
    const { rig } = pages;
    const { id, annotators } = await runningCampaign(rig, { items: [{ text: 'one' }, { text: 'two' }] });
    const [who, other] = annotators;
    const next = async (key = '') => (await rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id })).body;
    const { assignmentId } = await next(who?.apiKey);
    const path = `/v1/assignments/${assignmentId}`;
    const said = { label: 'spam', timeSpentS: 9, confidence: 0.7, comment: 'It is half of each.' };
    const { body } = await rig.call(who?.apiKey, 'POST', `${path}/annotation`, said);
    const reported = `/v1/assignments/${(await next(other?.apiKey)).assignmentId}/report`;
    await rig.call(other?.apiKey, 'POST', reported, { reason: 'private: a telephone number' });
    await payAnnotation(rig.db, { annotationId: body.annotationId, from: 'free' });
    const deduction = `/v1/annotations/${body.annotationId}/deduction`;
    expect((await rig.call(rig.requester, 'POST', deduction, { reason: 'Copied.' })).status).toBe(201);
    await rig.db`update campaigns set state = 'paused', paused_at = now() where id = ${id}`;
    const seen = { verdict: 'ambiguous', advice: ['Read them.'], alpha: 0.31, answers: 200, tasks: 80 } as const;
    const at = new Date().toISOString();
    const comments = [{ taskId: id, annotatorId: who?.id ?? '', on: 'answer' as const, text: 'Which is it?', at }];
    await openReport(rig.db, { campaignId: id, alpha: 0.31, report: { ...seen, confused: [], comments } });

    const office = await openCampaign(id);
    const { page } = office;
    const paused = page.getByRole('region', { name: 'Paused by itself' });
    await paused.getByText("Krippendorff's alpha was 0.31 on the newest 200 answers").waitFor();
    await paused.getByText('What annotators wrote').click();
    await paused.getByText('Which is it?').waitFor();
    const reports = page.getByRole('region', { name: 'Reported by annotators' });
    await reports.getByText('It shows personal or confidential data: a telephone number').waitFor();
    await reports.getByRole('button', { name: `It is seen to` }).click();
    await reports.getByText('All of them were seen to.').waitFor();
    await reports.getByText('Seen to', { exact: true }).click();
    await reports.getByText('a telephone number', { exact: false }).waitFor();
    await page.getByRole('region', { name: 'Platforms of this campaign' }).waitFor();
    expect(await scrolled(page)).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await page.goto('/pay');
    const row = page.getByRole('row').filter({ hasText: 'Copied.' });
    const { name } = (await rig.call(rig.viewer, 'GET', `/v1/annotators/${who?.id}`)).body;
    await row.getByRole('cell', { name, exact: true }).waitFor();
    // The annotator has 7 days to say something.
    await row.getByRole('button', { name: 'Dismiss' }).waitFor();
    expect(await row.getByRole('button', { name: 'Apply' }).count()).toBe(0);
    await row.getByRole('link', { name: 'the task' }).click();
    await page.getByText('It is half of each.').first().waitFor();
    await page.getByRole('cell', { name: '70.0%' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await pages.leave(office);
  });

  test('a task that trusted annotators answered alike is made gold, by keys alone', async () => {
    const { rig } = pages;
    const id = await decided();
    const office = await openCampaign(id);
    const candidates = office.page.getByRole('region', { name: 'Could be gold', exact: true });
    await candidates.getByRole('cell', { name: 'spam' }).waitFor();
    expect(await seriousFaults(office.page)).toEqual([]);
    await press(office.page, candidates.getByRole('button', { name: 'Make it gold' }));
    await sayByKeys(office.page, 'A plain case.', 'Make it gold');
    await candidates.waitFor({ state: 'detached' });
    const golds = await rig.db<{ key: string; label: unknown; note: string }[]>`
      select i.key, g.label, g.note from gold_answers g join items i on i.id = g.item_id where i.campaign_id = ${id}`;
    expect(golds).toMatchObject([{ key: 'gold:one', label: 'spam', note: 'A plain case.' }]);
    await pages.leave(office);
  });

  test('instructions get a new version, and what the old one decided is asked again', async () => {
    const id = await decided();
    const office = await openCampaign(id);
    const { page } = office;
    await page.getByRole('heading', { name: 'Instructions, version 1' }).waitFor();
    const publish = page.getByRole('button', { name: 'Publish as version 2' });
    expect(await publish.isDisabled()).toBe(true);
    await page.getByLabel('What annotators read beside each task').fill('Offers are **spam**.');
    await page.getByRole('switch', { name: 'Show how the instructions look' }).click();
    await page.locator('.prose strong', { hasText: 'spam' }).waitFor();
    // A colleague publishes meanwhile, and something else on the page has the list read anew.
    await pages.rig.call(pages.rig.requester, 'PATCH', `/v1/campaigns/${id}`, { instructions: 'Offers?' });
    await publish.click();
    await page.getByText('Version 2 was published meanwhile.').waitFor();
    await page.getByText('See that version').click();
    await page.getByText('Offers?').waitFor();
    expect(await page.getByLabel('What annotators read beside each task').inputValue()).toBe('Offers are **spam**.');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Publish mine after it' }).click();
    await page.getByRole('button', { name: 'Publish as version 3' }).click();
    await page.getByRole('heading', { name: 'Instructions, version 3' }).waitFor();
    expect(await page.getByText('was published meanwhile').count()).toBe(0);
    // Nothing was typed since: what a colleague publishes now is what is there.
    await pages.rig.call(pages.rig.requester, 'PATCH', `/v1/campaigns/${id}`, { instructions: 'Is it **spam**?' });
    await page.reload();
    await page.getByRole('button', { name: 'Publish as version 5' }).waitFor();
    await page.getByText('Version 1, of').click();
    await page.getByText('Is this e-mail spam?').waitFor();
    await page.getByRole('button', { name: 'See which tasks, and what it costs' }).click();
    await page.getByText('1 task, 3 new answers each: $0.15').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ask them again' }).click();
    await say(page, 'Reason', 'What an offer is was not said.', 'Ask them again');
    await page.getByText('1 task is open again').waitFor();
    await page.getByText('Forecast: a task that has ended came to $0.15').waitFor();
    const { body } = await pages.rig.call(pages.rig.requester, 'GET', `/v1/campaigns/${id}/tasks`);
    expect(body.items).toMatchObject([{ state: 'open' }]);
    await pages.leave(office);
  });

  test('rounds are listed, and forecast what more labels would gain', async () => {
    const { rig } = pages;
    const { id } = await runningCampaign(rig, { annotators: 0 });
    for (let round = 1; round <= 12; round++) {
      const accuracy = 1 - 0.9 * (50 * round) ** -0.3;
      await rig.db`
        insert into rounds (campaign_id, round, state, strategy, seed, task_count, reserved_micros, trained_on, held_out_on,
          held_out_accuracy, held_out_low, held_out_high, held_out_count, spent_micros, fitted_at)
        values (${id}, ${round + 100}, 'fitted', 'combined', 'seed', 50, 7500000, ${50 * round}, 'slice', ${accuracy},
          ${accuracy - 0.01}, ${accuracy + 0.01}, 100000, ${5_000_000 * round}, now())`;
    }
    const office = await openCampaign(id);
    const { page } = office;
    await page.getByText(/500 more labels: \+\d+\.\d ± \d+\.\d points/).waitFor();
    const rows = page.getByRole('region', { name: 'Rounds of this campaign' }).locator('tbody tr');
    expect(await rows.count()).toBe(10);
    await press(page, page.getByRole('button', { name: 'Show all' }));
    await rows.nth(12).waitFor();
    expect(await rows.first().textContent()).toContain('112');
    await page.locator('.recharts-line-curve').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await pages.leave(office);
  });

  test('pay below the floor is shown with the price that meets it', async () => {
    const { rig } = pages;
    const items = Array.from({ length: 20 }, (_, at) => ({ key: `row ${at}`, text: `Text ${at}` }));
    const { id, annotators } = await runningCampaign(rig, { settings: { redundancy: 1 }, items, annotators: 1 });
    await answerAll(id, annotators, 'spam', 36);
    const office = await pages.seat(rig.requester);
    const { page } = office;
    await rig.db`
      insert into pay_floors (organisation_id, region, hourly_micros)
      select organisation_id, '', 12000000 from campaigns where id = ${id}`;
    // No answer is believed to have taken longer than it was in hand.
    await rig.db`update assignments set leased_at = leased_at - interval '1 minute'`;
    await recordPayNotices(rig.db);
    await page.goto(`/campaigns/${id}`);
    const notice = page.getByRole('note').filter({ hasText: 'Below the floor' });
    await notice.waitFor();
    expect(await notice.textContent()).toContain(
      'an hour comes to $5.00, and must come to $12.00. An answer would have to pay $0.12.',
    );
    await press(page, page.getByText('When pay was first found below a floor'));
    await page.getByRole('listitem').filter({ hasText: '12.00' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await rig.db`delete from pay_floors`;
    await pages.leave(office);
  });

  test('what would be chosen next, and what the model has labelled, is shown', async () => {
    const { rig } = pages;
    const settings = { autoLabel: {}, goldRatio: 0 };
    const items = [
      { key: 'a', text: 'Buy now' },
      { key: 'b', text: 'See you at noon' },
    ];
    const { id } = await runningCampaign(rig, { settings, items, annotators: 0 });
    const at = { threshold: 0.9, audited: 60, right: 58, low: 0.91, temperature: 1.2, round: 3 };
    await storeAutoLabeling(rig.db, id, at);
    const chosen = (await rig.db<{ id: string }[]>`select id from items where campaign_id = ${id} order by key`).map(
      ({ id: itemId }, rank) => ({
        itemId,
        selection: { strategy: 'uncertainty', rank, uncertainty: 0.5, distance: null },
      }),
    );
    rig.temporal.answer = async () => ({ strategy: 'uncertainty', round: 4, chosen });
    const office = await openCampaign(id);
    const { page } = office;
    await page.getByText('from 90.0% on; 58 of 60 audits agree').waitFor();
    await tabTo(page, page.getByLabel('Strategy'));
    await page.keyboard.type('uncertainty');
    await press(page, page.getByRole('button', { name: 'Look' }));
    await page.getByText('Round 4, by uncertainty, as the model stands.').waitFor();
    const preview = page.getByRole('region', { name: 'Items that would be chosen next' });
    await preview.getByText('See you at noon').waitFor();
    expect(rig.temporal.started.at(-1)).toMatchObject({ args: [{ campaignId: id, strategy: 'uncertainty' }] });
    expect(await seriousFaults(page)).toEqual([]);
    await storeAutoLabeling(rig.db, id, { ...at, threshold: null });
    await page.reload();
    await page.getByText('none: 60 audits by people do not support it').waitFor();
    rig.temporal.answer = async () => ({});
    await pages.leave(office);
  });

  test('cap, redundancy and limits are changed by keys alone; what the server refuses is said', async () => {
    const { rig } = pages;
    const { id } = await runningCampaign(rig, { annotators: 4 });
    const office = await openCampaign(id);
    const { page } = office;
    const limits = page.getByRole('region', { name: 'Budget and limits' });
    await limits.getByText('There is no limit beside the cap.').waitFor();
    await press(page, limits.getByRole('button', { name: 'Change' }));
    const dialog = page.getByRole('dialog');
    const type = async (label: string, text: string) => {
      await tabTo(page, dialog.getByLabel(label));
      await page.keyboard.press('Control+A');
      await page.keyboard.type(text);
    };
    await type('Budget ($): the cap', '1,000');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Budget ($): the cap').and(page.locator(':invalid')).waitFor();
    await type('Budget ($): the cap', '250');
    await type('Answers a task', '4');
    await type('At most', '2');
    await dialog.getByText('Less than the answers a task.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await type('At most', '3');
    await dialog.getByText('Less than the answers a task.').waitFor({ state: 'detached' });
    await type('Most in a day', '0.01');
    await type('Most for the workforce internal', '80');
    await page.keyboard.press('Enter');
    await dialog.getByText('nothing could ever start').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(rig.temporal.updates.map(({ name, args }) => [name, ...args])).toContainEqual([
      ...['setRedundancy', { redundancy: 4, maxRedundancy: 4 }],
    ]);
    const [budget] = await rig.db`select cap_micros as cap from budgets where campaign_id = ${id}`;
    expect(budget).toEqual({ cap: 250_000_000n });
    await type('Most in a day', '30');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await limits.getByRole('row', { name: 'A day (UTC)' }).getByText('$30.00').waitFor();
    await limits.getByRole('row', { name: 'Workforce internal' }).getByText('$80.00').waitFor();
    await press(page, limits.getByRole('button', { name: 'Change' }));
    await type('Most in a day', ' ');
    await page.keyboard.press('Enter');
    await limits.getByRole('row', { name: 'A day (UTC)' }).waitFor({ state: 'detached' });

    // What a colleague changes while the dialog is open is not changed back by it.
    const before = rig.temporal.updates.length;
    await press(page, limits.getByRole('button', { name: 'Change' }));
    await rig.db`
      update campaigns set settings = settings || '{"redundancy": 2, "maxRedundancy": 6}' where id = ${id}`;
    await limits.getByText('2 to 6').waitFor();
    await type('Most in a day', '35');
    await page.keyboard.press('Enter');
    await limits.getByRole('row', { name: 'A day (UTC)' }).getByText('$35.00').waitFor();
    expect(rig.temporal.updates.slice(before).filter(({ name }) => name === 'setRedundancy')).toEqual([]);

    // What ends the campaign is asked once more, with what is safe at hand.
    await press(page, page.getByRole('button', { name: 'Stop', exact: true }));
    await dialog.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    // The harder way is not the first that a hand comes to.
    const ways = dialog.getByRole('button', { name: 'open tasks' });
    expect(await ways.allTextContents()).toEqual(['Finish open tasks', 'End open tasks']);
    await press(page, dialog.getByRole('button', { name: 'Finish open tasks' }));
    await dialog.waitFor({ state: 'detached' });
    expect(rig.temporal.updates.at(-1)).toMatchObject({ name: 'stop', args: [{ drain: true }] });
    await press(page, page.getByRole('button', { name: 'Stop', exact: true }));
    await press(page, dialog.getByRole('button', { name: 'End open tasks' }));
    await dialog.waitFor({ state: 'detached' });
    expect(rig.temporal.updates.at(-1)).toMatchObject({ name: 'stop', args: [{ drain: false }] });
    await pages.leave(office);
  });

  test('a campaign that finishes its last tasks is paused and cut short on its page, and one that has ended pays what it owes', async () => {
    const { rig } = pages;
    const { id } = await runningCampaign(rig);
    await rig.db`update campaigns set stop_reason = 'plateau' where id = ${id}`;
    const office = await openCampaign(id);
    const { page } = office;
    const dialog = page.getByRole('dialog');
    await press(page, page.getByRole('button', { name: 'End open tasks' }));
    expect(await seriousFaults(page)).toEqual([]);
    await press(page, dialog.getByRole('button', { name: 'End them now' }));
    await dialog.waitFor({ state: 'detached' });
    expect(rig.temporal.updates.at(-1)).toMatchObject({ name: 'stop', args: [{ drain: false }] });
    await rig.db`update campaigns set state = 'stopping' where id = ${id}`;
    await page.reload();
    await page.getByRole('button', { name: 'End open tasks' }).waitFor();
    await press(page, page.getByRole('button', { name: 'Pause' }));
    await until('it was asked to pause', () => rig.temporal.updates.at(-1)?.name === 'pause');

    const owes = await runningCampaign(rig, { annotators: 1 });
    await answerAll(owes.id, owes.annotators, 'spam');
    await rig.db`update annotations set pay_state = 'owed' where campaign_id = ${owes.id}`;
    await rig.db`
      update campaigns set state = 'finished', stop_reason = 'pool_empty', ended_at = now() where id = ${owes.id}`;
    await page.goto(`/campaigns/${owes.id}`);
    await press(page, page.getByRole('region', { name: 'Budget and limits' }).getByRole('button', { name: 'Change' }));
    await dialog.getByText('a higher cap pays the $0.05 that it owes, and nothing else').waitFor();
    expect(await dialog.getByLabel('Most in a day').count()).toBe(0);
    await tabTo(page, dialog.getByLabel('Budget ($): the cap'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('300');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const [budget] = await rig.db`select cap_micros as cap from budgets where campaign_id = ${owes.id}`;
    expect(budget).toEqual({ cap: 300_000_000n });
    await pages.leave(office);
  });

  test('a campaign that asks judges says how far they are trusted, and no other does', async () => {
    const { rig } = pages;
    const settings = { ...spam, workforces: ['llm', 'internal'], judge: {} };
    const made = await rig.call(rig.requester, 'POST', '/v1/campaigns', settings);
    const office = await openCampaign(made.body.id);
    const judges = office.page.getByRole('region', { name: 'Judges', exact: true });
    await judges.getByText('Judges decided 0 tasks alone for $0.00').waitFor();
    const plain = await rig.call(rig.requester, 'POST', '/v1/campaigns', spam);
    await office.page.goto(`/campaigns/${plain.body.id}`);
    await office.page.getByRole('region', { name: 'Budget and limits' }).waitFor();
    expect(await judges.count()).toBe(0);
    await pages.leave(office);
  });

  test('a judge that has fallen is measured anew, by keys alone', async () => {
    const { rig } = pages;
    const { id, annotators } = await runningCampaign(rig, { annotators: 1 });
    await answerAll(id, annotators, 'spam');
    // Who answered was a judge.
    const judge = annotators[0]?.id ?? '';
    await rig.db`update annotators set kind = 'llm', workforce = 'llm' where id = ${judge}`;
    await rig.db`
      update campaigns set settings = settings || ${rig.db.json({ workforces: ['llm', 'internal'] })} where id = ${id}`;
    await rig.db`
      insert into judge_trusts (campaign_id, annotator_id, trust, cause, correlation, agrees_same, agrees_of, recent_same,
        recent_of, people_same, people_of, distrusted_at)
      values (${id}, ${judge}, 'distrusted', 'fell', 1, 40, 50, 12, 20, 45, 50, now())`;
    const office = await openCampaign(id);
    const judges = office.page.getByRole('region', { name: 'Judges', exact: true });
    await judges.getByText('Its agreement with people has fallen.').waitFor();
    expect(await seriousFaults(office.page)).toEqual([]);
    await press(office.page, judges.getByRole('button', { name: /^Measure anew/ }));
    await sayByKeys(office.page, 'The instructions were wrong.', 'Measure anew');
    await judges.getByText(/^Measured anew since .*: The instructions were wrong\.$/).waitFor();
    expect(await judges.getByRole('button', { name: /^Measure anew/ }).count()).toBe(0);
    await pages.leave(office);
  });

  test('an annotator’s answers are taken out of decisions, with what that changes and costs before one’s eyes', async () => {
    const id = await decided(['ham', 'spam', 'spam']);
    const office = await openCampaign(id);
    const { page } = office;
    const dialog = page.getByRole('dialog');
    const free = deferred();
    await page.route('**/quarantine?*', async (route) => {
      await free.promise;
      await route.continue();
    });
    await actOf(page.getByRole('row').filter({ hasText: 'A2' }), 'Take out');
    await dialog.getByText('Looking…').waitFor();
    expect(await dialog.getByRole('button', { name: 'Take them out' }).isDisabled()).toBe(true);
    free.resolve();
    await dialog.getByText('1 answer has a part in decisions: without them 1 label is another').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await sayByKeys(page, 'They guessed.', 'Take them out');
    const { body } = await pages.rig.call(pages.rig.requester, 'GET', `/v1/campaigns/${id}/tasks`);
    expect(body.items).toMatchObject([{ label: 'ham', revision: 2 }]);
    await pages.leave(office);
  });

  test('a bonus whose answer was lost is given once, however often the button is pressed', async () => {
    const id = await decided();
    const office = await openCampaign(id);
    const { page } = office;
    let lost = 0;
    await page.route('**/bonuses', async (route) => {
      if (lost > 0) return route.continue();
      lost++;
      await route.fetch();
      return route.abort();
    });
    const dialog = page.getByRole('dialog');
    const give = async (amount: string, why: string) => {
      await actOf(page.getByRole('region', { name: 'Annotators', exact: true }), 'Bonus');
      await dialog.getByLabel('Amount ($)').fill(amount);
      await dialog.getByLabel('Reason').fill(why);
      await dialog.getByRole('button', { name: 'Give the bonus' }).click();
    };
    await give('2', 'Thank you.');
    await dialog.getByText('The server could not be reached.').waitFor();
    await dialog.getByLabel('Amount ($)').fill('3');
    await dialog.getByRole('button', { name: 'Give the bonus' }).click();
    await dialog.getByText('The first try was carried out, with other values.').waitFor();
    const bonuses = () => pages.rig.db`
      select amount_micros::int as micros from pay_adjustments where campaign_id = ${id}`;
    expect([...(await bonuses())]).toEqual([{ micros: 2_000_000 }]);
    await page.keyboard.press('Escape');
    lost = 0;
    await give('4', 'Thank you again.');
    await dialog.getByText('The server could not be reached.').waitFor();
    await dialog.getByRole('button', { name: 'Give the bonus' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('status').filter({ hasText: 'was given a bonus of $4.00.' }).waitFor();
    expect((await bonuses()).map(({ micros }) => micros).toSorted()).toEqual([2_000_000, 4_000_000]);
    // Nor twice where the dialog was closed in between.
    for (const ends of [false, true]) {
      if (!ends) lost = 0;
      await give('5', 'Thank you for the third time.');
      if (!ends) await dialog.getByText('The server could not be reached.').waitFor();
      if (!ends) await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    expect((await bonuses()).map(({ micros }) => micros).toSorted()).toEqual([2_000_000, 4_000_000, 5_000_000]);
    await pages.leave(office);
  });

  test('an open task gets more answers, another place in the queue, or an end', async () => {
    const { rig } = pages;
    const { taskIds } = await runningCampaign(rig, { annotators: 0 });
    const [taskId = ''] = taskIds;
    const office = await pages.seat(rig.requester);
    const { page } = office;
    await page.goto(`/tasks/${taskId}`);
    const asked = () => rig.temporal.updates.filter(({ workflowId }) => workflowId === `task-${taskId}`);
    const setting = page.getByRole('button', { name: 'Set the priority' });
    expect(await setting.isDisabled()).toBe(true);
    await page.getByLabel('Priority').selectOption('4');
    await setting.click();
    await until('it has another place', () => asked().length === 1);
    await page.getByLabel('Answers more').fill('');
    expect(await page.getByRole('button', { name: 'Ask for them' }).isDisabled()).toBe(true);
    await page.getByLabel('Answers more').fill('2');
    await page.getByRole('button', { name: 'Ask for them' }).click();
    await until('more answers are asked for', () => asked().length === 2);
    await page.getByRole('button', { name: 'Cancel the task' }).click();
    expect(await seriousFaults(page)).toEqual([]);
    await say(page, 'Reason', 'The text is not there.', 'Cancel the task');
    expect(asked()).toMatchObject([
      { name: 'reprioritize', args: [{ priority: 4 }] },
      { name: 'addRedundancy', args: [{ count: 2 }] },
      { name: 'cancelTask', args: [{ reason: 'The text is not there.' }] },
    ]);
    await pages.leave(office);
  });

  test('a task is found by its item’s key, and a campaign that runs takes more rows, by keys alone', async () => {
    const items = Array.from({ length: 25 }, (_, at) => ({ key: `row ${at}`, text: `Text ${at}` }));
    const { id } = await runningCampaign(pages.rig, { items });
    const office = await openCampaign(id);
    const { page } = office;
    const tasks = page.getByRole('region', { name: 'Tasks of this campaign' });
    await expect.poll(() => tasks.getByRole('link').count()).toBe(20);
    await tabTo(page, page.getByLabel('Item key'));
    await page.keyboard.type('row 24');
    await page.keyboard.press('Enter');
    await tasks.getByRole('link', { name: 'row 24' }).waitFor();
    expect(await tasks.getByRole('link').count()).toBe(1);
    await page.getByLabel('Item key').fill('row');
    await page.keyboard.press('Enter');
    await page.getByText('No such task has the item key row, to the letter.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await expect.poll(() => tasks.getByRole('link').count()).toBe(20);

    await press(page, page.getByText('Add rows'));
    const more = Buffer.from('key,text\nlater,One more\n');
    await page.getByLabel('Upload a file').setInputFiles({ name: 'more.csv', mimeType: 'text/csv', buffer: more });
    await press(page, page.getByRole('button', { name: 'Add these rows' }));
    await page.getByText('1 row is in, 0 were in already, 0 were refused.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await pages.leave(office);
  });

  test('whether a vendor has paid a bonus is ruled on with what is known of it before one’s eyes', async () => {
    const { rig } = pages;
    const order = await bought(rig.db, ({ units }) => units.map(({ key }) => done(key, response(key))), {
      bonus: call('at_most_once', () => Promise.reject(new VendorError('ambiguous', 'It timed out.'))),
      findBonus: call('read_only', async () => undefined),
    });
    await order.collect();
    const [worker] = await rig.db<{ id: string }[]>`
      select annotator_id as id from annotations where campaign_id = ${order.campaignId} limit 1`;
    const given = { annotatorId: worker?.id ?? '', amountMicros: 1_000_000n, reason: 'Well done.', by: 'ada' };
    const bonusId = await giveBonus(rig.db, { campaignId: order.campaignId, ...given });
    const office = await pages.seat(rig.requester);
    const { page } = office;
    await page.goto('/pay');
    const row = page.getByRole('row').filter({ hasText: 'Well done.' });
    await row.getByText('on its way').waitFor();
    expect(await row.getByRole('button').count()).toBe(0);
    await order.run(order.activities.payBonuses);
    await page.reload();
    await row.getByText('outcome unknown').waitFor();
    await press(page, row.getByRole('button', { name: 'It was paid' }));
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`quorate-bonus-${bonusId}`, { exact: true }).waitFor();
    await dialog.getByText(/^worker of /).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await sayByKeys(page, 'Their page lists it.', 'It was paid');
    await row.getByText('applied').waitFor();
    const [ended] = await rig.db<{ state: string; note: string }[]>`
      select state, note from pay_adjustments where id = ${bonusId}`;
    expect(ended).toEqual({ state: 'applied', note: 'Their page lists it.' });
    await pages.leave(office);
  });
});
