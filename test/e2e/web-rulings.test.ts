import { describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { openReport } from '../../db/queries/quality-reports.ts';
import { runningCampaign } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { insertKey } from '../support/keys.ts';
import { noBrowser, say, scrolled, usePages } from '../support/pages.ts';

describe.skipIf(noBrowser)('a ruling', () => {
  const pages = usePages();

  test('is found where a reviewer begins: tasks and contested answers of all campaigns, by keys alone', async () => {
    const { rig } = pages;
    const reviewer = newApiKey();
    await insertKey(rig.db, { hash: hashKey(reviewer), role: 'reviewer', name: 'reviewer' });
    const answered = async (name: string, labels: readonly string[]) => {
      const made = await runningCampaign(rig, { settings: { name } });
      const sent: string[] = [];
      for (const [at, { apiKey }] of made.annotators.entries()) {
        const { body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: made.id });
        const answer = { label: labels[at], timeSpentS: 9 };
        const path = `/v1/assignments/${body.assignmentId}/annotation`;
        sent.push((await rig.call(apiKey, 'POST', path, answer)).body.annotationId);
      }
      return { ...made, sent };
    };
    const { taskIds } = await answered('Letters', ['spam', 'ham', 'spam']);
    await rig.db`update tasks set state = 'adjudicating' where id = ${taskIds[0] ?? ''}`;
    const { id: unclear, annotators: readers } = await runningCampaign(rig, { settings: { name: 'Unclear' } });
    const { body: given } = await rig.call(readers[0]?.apiKey, 'POST', '/v1/assignments/next', { campaignId: unclear });
    const broken = { reason: 'broken: the text is cut off' };
    await rig.call(readers[0]?.apiKey, 'POST', `/v1/assignments/${given.assignmentId}/report`, broken);
    const [{ taskId = '' } = {}] = await rig.db<{ taskId: string }[]>`
      select task_id as "taskId" from task_reports where campaign_id = ${unclear}`;
    const confused = [{ labels: ['ham', 'spam'] as const, count: 9, share: 1, taskIds: [taskId] }];
    const seen = { verdict: 'ambiguous', advice: [], alpha: 0.21, answers: 99, tasks: 50, confused } as const;
    await openReport(rig.db, { campaignId: unclear, alpha: 0.21, report: { ...seen, comments: [] } });
    const { annotators, sent } = await answered('Postcards', ['spam', 'spam', 'spam']);
    const contest = `/v1/annotations/${sent[0]}/contest`;
    const said = { reason: 'It sells something.' };
    expect((await rig.call(annotators[0]?.apiKey, 'POST', contest, said)).status).toBe(201);

    const seat = await pages.seat(reviewer);
    const { page } = seat;
    await page.goto('/');
    await page.waitForURL('**/rulings');
    const waiting = page.getByRole('region', { name: 'Tasks waiting for a ruling' });
    await waiting.getByRole('link', { name: 'Letters' }).waitFor();
    await waiting.getByRole('cell', { name: 'spam 66.7%' }).waitFor();
    const contested = page.getByRole('region', { name: 'Contested answers', exact: true });
    await contested.getByRole('link', { name: 'Postcards' }).waitFor();
    const paused = page.getByRole('region', { name: 'Campaigns that paused by themselves' });
    await paused.getByText('ham and spam').waitFor();
    expect(await paused.getByRole('link', { name: 'See the task' }).getAttribute('href')).toBe(`/tasks/${taskId}`);
    const reported = page.getByRole('region', { name: 'Reported tasks' });
    await reported.getByText('the text is cut off').waitFor();
    await page.getByRole('heading', { name: 'Reported by annotators 1' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await scrolled(page)).toEqual([]);
    await reported.getByRole('button', { name: 'It is seen to' }).press('Enter');
    await reported.waitFor({ state: 'detached' });
    await contested.getByRole('button', { name: /^Reject/ }).press('Enter');
    await page.getByRole('dialog').getByRole('textbox').and(page.locator(':focus')).waitFor();
    await say(page, 'Why', 'It does not.', 'Reject');
    await page.getByRole('region', { name: 'Contested answers' }).getByText('Nothing waits.').waitFor();
    await waiting.getByRole('link', { name: 'See the answers and decide' }).press('Enter');
    await page.getByRole('heading', { name: 'Decide this task' }).waitFor();

    const watcher = await pages.seat(rig.viewer);
    await watcher.page.goto('/rulings');
    await watcher.page.getByText('This page is for those who rule on tasks.').waitFor();
    expect(await watcher.page.getByRole('link', { name: 'Rulings' }).count()).toBe(0);
    // A page that is refused complains of it.
    await watcher.context.close();
    await pages.leave(seat);
  });

  test('marks by keys while the focus is in the form, and is asked about once more where it says nothing', async () => {
    const { rig } = pages;
    const settings = { type: 'span', config: { labels: ['PERSON', 'PLACE'] } };
    const { taskIds } = await runningCampaign(rig, { settings, items: [{ text: 'Ada met Bob' }] });
    const seat = await pages.seat(rig.requester);
    const { page } = seat;
    await page.goto(`/tasks/${taskIds[0]}`);
    const ruling = page.getByRole('region', { name: 'Decide this task' });
    const marked = ruling.getByRole('button', { name: /^Remove PERSON/ });
    await ruling.getByRole('button', { name: 'PERSON' }).waitFor();
    // Elsewhere on the page keys are not the form's, and are not shown.
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('1');
    expect(await marked.count()).toBe(0);
    expect(await ruling.locator('.key-hint').first().isVisible()).toBe(false);
    await ruling.getByRole('button', { name: 'Decide' }).click();
    await ruling.getByText('Submit once more to say that there is nothing.').waitFor();
    expect(rig.temporal.updates).toEqual([]);
    await ruling.getByRole('button', { name: 'PERSON' }).focus();
    expect(await ruling.locator('.key-hint').first().isVisible()).toBe(true);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('1');
    await marked.waitFor();
    expect(await ruling.getByText('Submit once more').count()).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);
    await ruling.getByRole('button', { name: 'Decide' }).click();
    await expect.poll(() => rig.temporal.updates.length).toBe(1);
    await pages.leave(seat);
  });
});
