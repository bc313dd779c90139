import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../cli/client.ts';
import { exportTo } from '../../cli/commands/export.ts';
import type { ExportFormat } from '../../cli/commands/shared.ts';
import { quorate } from './run.ts';
import { type Answer, json, problem, startStub } from './stub-server.ts';

const campaign = { id: 'c1', name: 'Spam or ham', type: 'classification', simulated: true, policyVersion: 3 };
const stands = {
  state: 'running',
  counts: { pool: 9, gold: 0, tasksOpen: 0, tasksDecided: 3, tasksUnresolved: 0 },
};
const record = (version: number, text: string) => ({ key: text, label: 'spam', policy_version: version, text });

let folder: string;
let file: string;
let body: Answer;
let kept: object;
let stub: Awaited<ReturnType<typeof startStub>>;

const sends =
  (...chunks: (string | Uint8Array)[]): Answer =>
  (_request, response) => {
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };
const run = (format: ExportFormat) =>
  exportTo(new ApiClient({ url: stub.url, apiKey: 'key' }), { campaignId: 'c1', format, file });

beforeEach(async () => {
  kept = stands;
  folder = mkdtempSync(join(tmpdir(), 'quorate-export-'));
  file = join(folder, 'deep', 'labels');
  stub = await startStub((request, response, seen) =>
    (request.url?.includes('/export') ? body : json(200, { ...campaign, ...kept }))(request, response, seen),
  );
});
afterEach(async () => {
  await stub.close();
  rmSync(folder, { recursive: true });
});

describe('exportTo', () => {
  it('writes the file and a manifest that says what is in it', async () => {
    const text = [record(3, 'a'), record(1, 'two\nlines, "quoted"'), record(3, 'é')]
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('');
    const bytes = Buffer.from(text);
    // Cut in the middle of a line, and of a character.
    body = sends(bytes.subarray(0, 20), bytes.subarray(20, bytes.length - 4), bytes.subarray(bytes.length - 4));
    const manifest = await run('jsonl');
    expect(readFileSync(file, 'utf8')).toBe(text);
    const { policyVersion: _, ...head } = campaign;
    expect(manifest).toEqual({
      format: 'jsonl',
      campaign: head,
      records: 3,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      policyVersions: [1, 3],
      exportedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      leftOut: [],
    });
    expect(JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'))).toEqual(manifest);
    expect(stub.seen.map(({ url }) => url)).toEqual(['/v1/campaigns/c1', '/v1/campaigns/c1/export?format=jsonl']);
  });

  it('counts CSV records, not lines', async () => {
    body = sends('key,policy_version,text\r\n', 'a,2,"two\r\nlines"\r\nb,1,x\r\n');
    expect(await run('csv')).toMatchObject({ records: 2, policyVersions: [1, 2] });
  });

  it('counts an export without records', async () => {
    body = sends('key,policy_version\r\n');
    expect(await run('csv')).toMatchObject({ records: 0, policyVersions: [] });
    body = sends();
    expect(await run('jsonl')).toMatchObject({ records: 0, bytes: 0, policyVersions: [] });
  });

  it('counts Parquet by its own footer', async () => {
    const writer = new ByteWriter();
    const columnData = [
      { name: 'key', data: ['a', 'b', 'c'], type: 'STRING' as const },
      { name: 'policy_version', data: [2, 1, 2], type: 'INT32' as const },
    ];
    await parquetWrite({ writer, columnData });
    body = sends(new Uint8Array(writer.getBuffer()));
    expect(await run('parquet')).toMatchObject({ records: 3, policyVersions: [1, 2] });
  });

  it('lists every version of the campaign where records do not cite theirs', async () => {
    body = sends('{"prompt":"p","chosen":"a","rejected":"b"}\n');
    expect(await run('dpo')).toMatchObject({ records: 1, policyVersions: [1, 2, 3] });
  });

  it('leaves nothing behind when the connection breaks off', async () => {
    body = (_request, response) => {
      response.write(`${JSON.stringify(record(1, 'a'))}\n`, () => response.destroy());
    };
    await expect(run('jsonl')).rejects.toThrow(/broke off before the export was complete/);
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('keeps the file of the last time when this time fails', async () => {
    body = sends('{"key":"a"}\n');
    await run('jsonl');
    body = problem(503, 'unavailable', 'The database cannot be reached just now; try again shortly.');
    await expect(run('jsonl')).rejects.toThrow(/database/);
    expect(readFileSync(file, 'utf8')).toBe('{"key":"a"}\n');
  });
});

describe('quorate export', () => {
  beforeEach(() => {
    file = join(folder, 'labels');
  });

  it('replaces its own files, and no others unless it is told to', async () => {
    body = sends('{"key":"a"}\n');
    const run = (...args: string[]) => quorate(stub.url, 'export', 'c1', '--out', file, ...args);
    expect(await run()).toMatchObject({ code: 0 });
    body = sends('{"key":"b"}\n');
    expect(await run()).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('{"key":"b"}\n');
    writeFileSync(file, '{"key":"b"}\n{"key":"mine"}\n');
    expect(await run()).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/is there already.*--force/) });
    expect(readFileSync(file, 'utf8')).toContain('mine');
    expect(await run('--force')).toMatchObject({ code: 0 });
    const lost = await quorate(stub.url, 'export', 'c1', '--out', join(folder, 'none', 'labels'));
    expect(lost).toMatchObject({ code: 2, err: expect.stringMatching(/there is no folder .*none\.\n$/) });
  });

  it('says what is not in the file', async () => {
    body = sends('{"prompt":"p","chosen":"a","rejected":"b"}\n');
    kept = { ...stands, type: 'pairwise', counts: { ...stands.counts, gold: 2, tasksOpen: 1 } };
    expect((await quorate(stub.url, 'export', 'c1', '--format', 'dpo', '--out', file)).out).toContain(
      '\nNot in it: 1 open task; 2 tasks that ended as a tie, both bad, unsure or without a decision; 2 gold items.\n',
    );
    body = sends();
    kept = { state: 'draft', counts: { ...stands.counts, tasksDecided: 0 } };
    expect((await quorate(stub.url, 'export', 'c1', '--out', file)).out).toContain('0 records written to');
    expect((await quorate(stub.url, 'export', 'c1', '--out', file)).out).toContain('draft that has not been started');
  });

  it('says that the labels are simulated', async () => {
    body = sends('{"key":"a","policy_version":1}\n');
    const ran = await quorate(stub.url, 'export', 'c1', '--out', file);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^1 record written to .*\nSimulated crowd: these labels come from a program/);
  });

  it('goes to standard output for -, with what there is to say beside it', async () => {
    body = sends('{"key":"a","policy_version":1}\n');
    const ran = await quorate(stub.url, 'export', 'c1', '--out', '-');
    expect(ran).toEqual({
      ...{ code: 0, out: '{"key":"a","policy_version":1}\n' },
      err: 'Simulated crowd: these labels come from a program, not from people.\n',
    });
    expect(existsSync('-')).toBe(false);
    const both = await quorate(stub.url, 'export', 'c1', '--out', '-', '--json');
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('both want standard output') });
  });

  it('prints the manifest with --json', async () => {
    body = sends('{"key":"a","policy_version":1}\n');
    const ran = await quorate(stub.url, 'export', 'c1', '--format', 'jsonl', '--out', file, '--json');
    expect(JSON.parse(ran.out)).toMatchObject({ format: 'jsonl', records: 1 });
  });

  it.each([
    [['--format', 'xlsx', '--out', 'x'], /--format is "xlsx"; it must be jsonl, csv, parquet, dpo/],
    [['--format', 'csv'], /required option '--out/],
  ])('refuses %j', async (args, message) => {
    const ran = await quorate(stub.url, 'export', 'c1', ...args);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
    expect(stub.seen).toEqual([]);
  });

  it('names a place where nothing can be written', async () => {
    body = sends('{"key":"a"}\n');
    const ran = await quorate(stub.url, 'export', 'c1', '--out', folder);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('it is a folder');
    expect(existsSync(`${folder}.manifest.json`)).toBe(false);
  });
});
