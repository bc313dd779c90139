import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';
import { send, viewOf } from './campaign.ts';
import { Console, LABELS } from './console.ts';

requireBuild();

let place: Place;
let stack: HeldStack;
let shell: Console;
let db: Db;
beforeAll(async () => {
  place = await makePlace();
  stack = await holdUp(place);
  shell = new Console(place);
  db = connect(stack.databaseUrl, { max: 2 });
});
afterAll(async () => {
  await db?.end();
  await stack?.stop();
  place.remove();
});

const TICKETS = Array.from({ length: 12 }, (_, at) => ({
  key: `ticket-${at}`,
  text: `Number ${at} says: "${['It crashes', 'How do I start', 'I like it'][at % 3]}", and more`,
  label: LABELS[at % 3] ?? '',
}));
const csvRow = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
const ticketsCsv = [
  'key,text,gold',
  ...TICKETS.map(({ key, text, label }, at) => csvRow([key, text, at < 2 ? label : ''])),
].join('\r\n');

interface Held {
  readonly apiKey: string;
  readonly assignmentId: string;
  readonly expiresAt: string;
  readonly label: string;
}

/** Leases the next task of a campaign; undefined when there is none. */
async function next(apiKey: string, campaignId: string): Promise<Held | undefined> {
  const { status, body } = await send({ url: stack.url, apiKey }, 'POST', '/v1/assignments/next', { campaignId });
  if (status === 204 || status === 409) return undefined;
  expect(status, JSON.stringify(body)).toBe(200);
  const lease = body as { assignmentId: string; expiresAt: string; task: { payload: { text: string } } };
  const label = TICKETS.find(({ text }) => text === lease.task.payload.text)?.label ?? '';
  return { apiKey, assignmentId: lease.assignmentId, expiresAt: lease.expiresAt, label };
}

async function answer({ apiKey, assignmentId, label }: Held): Promise<number> {
  const given = { label, timeSpentS: 12.5 };
  return (await send({ url: stack.url, apiKey }, 'POST', `/v1/assignments/${assignmentId}/annotation`, given)).status;
}

test('a campaign from a table of tickets to its labels, by commands alone', { timeout: 240_000 }, async () => {
  const id = await shell.createCampaign('Ticket triage');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await shell.refused(1, 'campaign', 'start', id)).toMatch(
    /pool is empty: import items first\. Redundancy is 3, but only 0 active annotators .*: add annotators, lower the tier, or lower the redundancy\./,
  );
  const tickets = shell.file('tickets.csv', ticketsCsv);
  expect(await shell.run('import', id, tickets)).toMatch(/^12 imported\.$/);
  expect(await shell.run('import', id, tickets), 'the same again').toMatch(/^0 imported, 12 there already\.$/);

  const keys: string[] = [];
  for (const name of ['Ana', 'Ben', 'Cem']) {
    const [, key] = /^API key\s+(\S+)$/m.exec(await shell.run('annotators', 'add', '--name', name)) ?? [];
    expect(key).toBeDefined();
    keys.push(key ?? '');
  }
  expect(await shell.run('annotators', 'list')).toMatch(/Ana[\s\S]*crowd[\s\S]*active/);
  expect(await shell.run('campaign', 'start', id)).toMatch(/State +running/);
  const [ana = ''] = keys;

  // Paused: no new work, and the lease that is held keeps the time it had left.
  const held = await until('Ana has a task', () => next(ana, id), 60_000);
  expect(await shell.json('campaign', 'pause', id)).toMatchObject({ state: 'paused' });
  for (const key of keys) expect(await next(key, id)).toBeUndefined();
  const expiry = Date.parse(held.expiresAt);
  await until('the lease would have run out and been swept', () => Date.now() > expiry + 2000);
  const [paused] = await db`select state, expires_at from assignments where id = ${held.assignmentId}`;
  expect(paused).toEqual({ state: 'leased', expires_at: new Date(expiry) });
  expect(await shell.run('campaign', 'resume', id)).toMatch(/State +running/);
  const [resumed] = await db<{ expires: Date }[]>`
    select expires_at as expires from assignments where id = ${held.assignmentId}`;
  expect(resumed?.expires.getTime()).toBeGreaterThan(expiry + 2000);
  expect(await answer(held)).toBe(201);
  const [kept] = await db`select counted from annotations where assignment_id = ${held.assignmentId}`;
  expect(kept).toEqual({ counted: true });

  await until(
    'the campaign has ended',
    async () => {
      for (const key of keys) {
        const lease = await next(key, id);
        if (lease) expect([200, 201]).toContain(await answer(lease));
      }
      return (await viewOf(stack, id)).state === 'finished';
    },
    120_000,
  );
  const shown = await shell.run('campaign', 'show', id);
  expect(shown).toMatch(/State +finished \(pool_empty\)/);
  expect(shown).toMatch(/Tasks +10 decided, 0 open, 0 unresolved/);
  expect(await shell.refused(1, 'campaign', 'pause', id)).toMatch(/ended|finished/);

  const out = join(place.folder, 'labels.jsonl');
  expect(await shell.run('export', id, '--format', 'jsonl', '--out', out)).toMatch(/^10 records written to /);
  const bytes = readFileSync(out);
  const manifest = JSON.parse(readFileSync(`${out}.manifest.json`, 'utf8'));
  expect(manifest).toMatchObject({
    format: 'jsonl',
    campaign: { id, name: 'Ticket triage', type: 'classification', simulated: false },
    records: 10,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    policyVersions: [1],
  });
  const records = bytes
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(new Map(records.map(({ key, label }) => [key, label]))).toEqual(
    new Map(TICKETS.slice(2).map(({ key, label }) => [key, label])),
  );
  const csv = join(place.folder, 'labels.csv');
  await shell.run('export', id, '--format', 'csv', '--out', csv);
  expect(JSON.parse(readFileSync(`${csv}.manifest.json`, 'utf8'))).toMatchObject({ records: 10 });

  const story = await shell.run('explain', records[0].task_id);
  expect(story).toMatch(/: decided\n/);
  expect(await shell.run('explain', records[0].key), 'by its key').toBe(story);
  for (const name of ['Ana', 'Ben', 'Cem']) expect(story).toMatch(new RegExp(`${name} answered "${records[0].label}"`));
  expect(story).toMatch(/Money +\$\S+ reserved, \$\S+ spent, \$\S+ released|Money +\$\S+ reserved, \$\S+ spent/);

  const { stdout } = await quorate(place, ['doctor', '--json']);
  const doctor = JSON.parse(stdout);
  expect(doctor.ledger).toEqual([expect.objectContaining({ campaignId: id, holds: true, reservedUsd: '0.00' })]);
  expect(Object.values(doctor.invariants).every((broken) => broken === 0)).toBe(true);
  expect(
    doctor.checks.filter(
      ({ name, status }: { name: string; status: string }) => /Ledger|Invariant/.test(name) && status !== 'ok',
    ),
  ).toEqual([]);
});

test('a budget goes up and down, but not below what is spent and reserved', { timeout: 120_000 }, async () => {
  const id = await shell.createCampaign('Money');
  await shell.run('import', id, shell.file('money.csv', ticketsCsv));
  for (const name of ['Dan', 'Eve', 'Fay']) await shell.run('annotators', 'add', '--name', name);
  await shell.run('campaign', 'start', id);
  await until('money is reserved', async () => (await viewOf(stack, id)).budget.reservedMicros > 0, 60_000);
  expect(await shell.json('campaign', 'budget', id, '250')).toMatchObject({
    budget: { capUsd: '250.00' },
  });
  expect(await shell.json('campaign', 'budget', id, '99.50')).toMatchObject({
    budget: { capUsd: '99.50' },
  });
  expect(await shell.refused(2, 'campaign', 'budget', id, '0.01')).toMatch(
    /^budgetUsd is 0\.01, but \$0\.00 are spent and \$\d+\.\d+ reserved for open tasks: the least budget now is \$\d+\.\d+\.$/,
  );
  expect(await shell.refused(2, 'campaign', 'budget', id, 'plenty')).toMatch(/budgetUsd/);
  expect(await shell.json('campaign', 'show', id)).toMatchObject({ budget: { capUsd: '99.50' } });
  await shell.run('campaign', 'stop', id);
  await until('it has stopped', async () => (await viewOf(stack, id)).state === 'stopped', 60_000);
  expect((await viewOf(stack, id)).budget).toMatchObject({ reservedMicros: 0, spentMicros: 0 });
});

test('a start that the budget cannot carry names the knobs', { timeout: 60_000 }, async () => {
  const id = await shell.createCampaign('Too dear', '--budget', '0.10', '--price', '0.05', '--tier', 'expert');
  await shell.run('import', id, shell.file('dear.csv', ticketsCsv));
  const why = await shell.refused(1, 'campaign', 'start', id);
  expect(why).toMatch(
    /only 0 active annotators have tier expert or higher and are of workforce internal: add annotators, lower the tier/,
  );
  expect(why).toMatch(
    /could cost \$\d+\.\d+, and the budget is \$0\.10: raise budgetUsd, or lower batchSize, redundancy or priceUsd\./,
  );
  expect(why).toMatch(new RegExp(`\`quorate campaign budget ${id} \\d+\` raises the budget`));
  expect(await shell.json('campaign', 'show', id)).toMatchObject({ state: 'draft' });
});

test('what the README shows runs as it is pasted', { timeout: 300_000 }, async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const blocks = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```\n([\s\S]*?)^```$/gm);
  const pasted = [...blocks].map(([, text = '']) => text).filter((text) => /bin\/quorate|curl/.test(text));
  expect(pasted).toHaveLength(4);
  symlinkSync(join(root, 'bin'), join(place.folder, 'bin'));
  cpSync(join(root, 'examples'), join(place.folder, 'examples'), { recursive: true });
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', pasted.join('\n')], {
    cwd: place.folder,
    env: { ...place.env, QUORATE_URL: stack.url },
  });
  expect(stdout).toMatch(/^12 imported\.$/m);
  expect(stdout).toMatch(/^State +running$/m);
  // The tasks of the first round may not be open yet.
  const written =
    /"assignmentId"[\s\S]*0 records written to labels\.jsonl.*\nNot in it: (\d+ open tasks; )?3 gold items\./;
  expect(stdout).toMatch(written);
  expect(stdout).toMatch(/^Recommended by what was asked for: /m);
  expect(stderr).not.toMatch(/Error|not found/);
});
