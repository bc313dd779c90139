import { describe, expect, test } from 'vitest';
import { addAnnotators } from '../api/rig.ts';
import { seriousFaults } from '../support/browser.ts';
import { noBrowser, usePages } from '../support/pages.ts';

const CSV = `text,group
Buy *now*,shop
See you at ten,mail
Win a prize,shop
`;

describe.skipIf(noBrowser)('making a campaign', () => {
  const pages = usePages();

  test('known answers and worked examples are given on the form itself, and a copy keeps every setting', async () => {
    const { rig } = pages;
    const seat = await pages.seat(rig.requester);
    const { page } = seat;
    await page.goto('/campaigns/new');
    await page.getByLabel('Name', { exact: false }).first().fill('Mails');
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    await page.getByLabel('Most items of one group a person').fill('2');
    const buffer = Buffer.from(CSV);
    await page.getByLabel('Upload a file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
    await page.getByText('3 rows with 2 columns').waitFor();
    const preview = page.locator('.preview');
    await preview.getByText('Buy *now*').waitFor();
    await preview.getByRole('button', { name: 'spam' }).click();
    await page.getByRole('button', { name: 'Use as a worked example' }).click();
    await page.getByLabel('Why example 1 is answered so').fill('It sells something.');
    await page.getByRole('button', { name: 'Keep as the known answer' }).click();
    // The next row comes by itself.
    await preview.getByText('See you at ten').waitFor();
    await page.getByText('1 row has a known answer from here.').waitFor();
    await page.getByRole('switch', { name: 'Show how it looks' }).click();
    await page.locator('.prose strong', { hasText: 'spam' }).waitFor();
    expect(await page.locator('.prose blockquote').textContent()).toContain('Buy *now*');
    expect(await seriousFaults(page)).toEqual([]);
    // Under other labels the answer may not fit.
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham\nunsure');
    await page.getByText('1 more was answered under other settings and will not be sent.').waitFor();
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    await page.getByText('1 row has a known answer from here.').waitFor();
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByText('3 rows are in, 0 were in already, 0 were refused.').waitFor();

    const items = await rig.db`
      select i.state, i.item_group as "group", g.label, c.id, c.settings ->> 'instructions' as instructions
      from items i join campaigns c on c.id = i.campaign_id left join gold_answers g on g.item_id = i.id
      order by i.state, i.item_group`;
    expect(items).toMatchObject([
      { state: 'gold', group: 'shop', label: 'spam' },
      { state: 'pool', group: 'mail', label: null },
      { state: 'pool', group: 'shop', label: null },
    ]);
    expect(items[0]?.instructions).toContain('### Example 1\n\n> Buy \\*now\\*\n\n**spam**\n\nIt sells something.');

    await page.goto(`/campaigns/new?from=${items[0]?.id}`);
    await page.getByLabel('Name', { exact: false }).first().waitFor();
    expect(await page.getByLabel('Name', { exact: false }).first().inputValue()).toBe('Mails (copy)');
    expect(await page.getByLabel('Most items of one group a person').inputValue()).toBe('2');
    expect(await page.getByLabel('What annotators read beside each task').inputValue()).toContain(
      'It sells something.',
    );
    await pages.leave(seat);
  });

  test('the forecast says what starting will demand, and counts no golds as tasks', async () => {
    const seat = await pages.seat(pages.rig.requester);
    const { page } = seat;
    await page.goto('/campaigns/new');
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    const rows = Array.from({ length: 30 }, (_, at) => `text ${at},${at < 6 ? 'spam' : ''}\n`).join('');
    const buffer = Buffer.from(`text,gold\n${rows}`);
    await page.getByLabel('Upload a file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
    await page.getByLabel('Budget ($)').fill('1');
    const forecast = page.getByRole('region', { name: 'Forecast' });
    await forecast.getByText('to annotators for 24 tasks').waitFor();
    await forecast.getByText('Golds, which are no tasks: 6.').waitFor();
    await forecast.getByText('As it stands it will not start:').waitFor();
    const said = (await forecast.getByText(/One batch of 24 tasks/).textContent()) ?? '';
    // Word for word what starting it answers.
    await page.getByLabel('Name', { exact: false }).first().fill('Poor');
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByRole('button', { name: 'Start it' }).click();
    await page.getByRole('alert').filter({ hasText: said }).waitFor();
    // A draft takes more rows on its own page.
    await page.getByRole('link', { name: 'Look at it first' }).click();
    await page.getByText('golds beside them: 6').waitFor();
    const more = Buffer.from('text\nmore\n');
    await page.getByLabel('Upload a file').setInputFiles({ name: 'more.csv', mimeType: 'text/csv', buffer: more });
    await page.getByRole('button', { name: 'Add these rows' }).click();
    await page.getByText('1 row is in, 0 were in already, 0 were refused.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await pages.leave(seat);
  });

  test('an answer that was tried on a row is gone with its file, and what a start warns of is read once it runs', async () => {
    const seat = await pages.seat(pages.rig.requester);
    const { page } = seat;
    await page.goto('/campaigns/new');
    await page.getByLabel('Name', { exact: false }).first().fill('Warned');
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    const upload = async (row: string) => {
      const buffer = Buffer.from(`text\n${row}\n`);
      await page.getByLabel('Upload a file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
      await page.locator('.preview').getByText(row).waitFor();
    };
    await upload('Buy now');
    const keep = page.getByRole('button', { name: 'Keep as the known answer' });
    await page.locator('.preview').getByRole('button', { name: 'spam' }).click();
    expect(await keep.isEnabled()).toBe(true);
    await upload('See you at ten');
    expect(await keep.isEnabled()).toBe(false);

    await addAnnotators(pages.rig, 3);
    await page.getByLabel('Redundancy').selectOption('adaptive');
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByRole('button', { name: 'Start it' }).click();
    await page.getByRole('status').filter({ hasText: 'A task may ask for up to 5 answers' }).waitFor();
    await page.getByRole('link', { name: 'Go to the campaign' }).click();
    await page.getByText('These figures are live.').waitFor();
    await pages.leave(seat);
  });

  test('what was filled in is kept from a click beside it, and a lost answer leaves the campaign startable', async () => {
    const seat = await pages.seat(pages.rig.requester);
    const { page } = seat;
    await page.goto('/campaigns/new');
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    // The type that is chosen already changes nothing.
    await page.getByRole('button', { name: 'Classification' }).click();
    await page.getByLabel('Name', { exact: false }).first().fill('Lost');
    const file = page.getByLabel('Upload a file');
    const buffer = Buffer.from('text\none\ntwo\n');
    await file.setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
    await page.getByText('2 rows with 1 column').waitFor();
    const chooser = page.waitForEvent('filechooser');
    await file.click();
    await chooser;
    // Or the same file, mended, would be no change.
    expect(await file.inputValue()).toBe('');
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('dialog', { name: 'Leave this page?' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Labels', { exact: true }).inputValue()).toBe('spam\nham');
    await page.route('**/items?*', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByRole('alert').waitFor();
    await page.unroute('**/items?*');
    await page.getByRole('button', { name: 'Make the campaign' }).click();
    await page.getByText('0 rows are in, 2 were in already, 0 were refused.').waitFor();
    expect(await page.getByRole('button', { name: 'Start it' }).isEnabled()).toBe(true);
    await seat.context.close();

    const other = await pages.seat(pages.rig.requester);
    await other.page.goto('/campaigns/new');
    await other.page.getByLabel('Name', { exact: false }).first().fill('Gone');
    await other.page.getByRole('link', { name: 'People' }).click();
    await other.page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await other.page.waitForURL('**/people');
    await pages.leave(other);
  });

  test('what is empty, unreadable or refused is said, and nothing that was left is used unseen', async () => {
    const seat = await pages.seat(pages.rig.requester);
    const { page } = seat;
    const upload = async (text: string) => {
      const buffer = Buffer.from(text);
      await page.getByLabel('Upload a file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer });
    };
    const make = page.getByRole('button', { name: 'Make the campaign' });
    await page.goto('/campaigns/new');
    await page.getByLabel('Name', { exact: false }).first().fill('Mails');
    expect(await page.title()).toBe('New campaign · Quorate');
    await page.getByLabel('Labels', { exact: true }).fill('spam\nham');
    await upload('id,text\n1,\n\n2,a,b\n3, \n');
    await page.getByText('2 rows with 2 columns; 1 could not be read and are left out.').waitFor();
    await page.getByText('Line 4: Too many fields', { exact: false }).waitFor();

    // A field that is typed in keeps the focus, and an empty one is no earlier value.
    const workforces = page.getByLabel('Workforces');
    await workforces.press('Control+End');
    await page.keyboard.type('\nown people');
    expect(await workforces.inputValue()).toBe('internal\nown people');
    await workforces.fill('');
    await page.getByText('Name a workforce').waitFor();
    await workforces.fill('internal');
    await page.getByRole('textbox', { name: 'Answers a task' }).fill('');
    await page.getByText('Fill in the answers a task.').waitFor();
    expect(await make.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Answers a task' }).fill('2');
    await page.getByLabel('Pause below an agreement').fill('0.05');
    expect(await page.getByLabel('Pause below an agreement').inputValue()).toBe('0.05');

    // By the hour an answer costs its time, and more is reserved for it.
    const forecast = page.getByRole('region', { name: 'Forecast' });
    await page.getByLabel('Pay for a focused hour').fill('36');
    await forecast.getByText('the most it can earn is reserved: $0.30').waitFor();
    await forecast.getByText('$0.15', { exact: true }).waitFor();

    // Where no row can be used the form stays, with the lines of the file.
    await make.click();
    await page.getByText('No row could be imported.', { exact: false }).waitFor();
    const refused = page.getByRole('region', { name: 'Refused rows' });
    await refused.getByRole('cell', { name: '2', exact: true }).waitFor();
    await refused.getByRole('cell', { name: '5', exact: true }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await upload('id,text\n1,Buy now\n3,See you\n');
    await make.click();
    await page.getByText('2 rows are in, 0 were in already, 0 were refused.').waitFor();
    const made = await pages.rig.db<{ settings: Record<string, unknown> }[]>`
      select c.settings from campaigns c where c.name = 'Mails' and exists (
        select from items i where i.campaign_id = c.id and i.key = '3')`;
    expect(made).toMatchObject([
      { settings: { redundancy: 2, hourlyMicros: '36000000', agreementWatch: { pauseBelow: 0.05 } } },
    ]);
    await pages.leave(seat);
  });
});
