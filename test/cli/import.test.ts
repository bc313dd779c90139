import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ApiClient } from '../../cli/client.ts';
import { importRows } from '../../cli/commands/import-rows.ts';
import { usageError } from '../../cli/output.ts';
import { quorate } from './run.ts';
import { type Answer, json, problem, startStub } from './stub-server.ts';

const ID = '0190a0a0-0000-7000-8000-000000000001';

let folder: string;
let answer: Answer;
let stub: Awaited<ReturnType<typeof startStub>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
  stub = await startStub((...args) => answer(...args));
});
afterEach(async () => {
  await stub.close();
  rmSync(folder, { recursive: true });
});

describe('import', () => {
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const imported = { accepted: 2, duplicates: 1, rejected: [] as object[], rejectedCount: 0 };

  it.each([
    ['items.jsonl', '{"text":"a"}\n{"text":"b"}\n', 'application/x-ndjson'],
    ['items.ndjson', '{"text":"a"}\n{"text":"b"}', 'application/x-ndjson'],
    ['items.csv', 'text\na\nb\n', 'text/csv'],
  ])('sends %s as it is', async (name, content, type) => {
    answer = json(200, imported);
    const ran = await quorate(stub.url, 'import', ID, file(name, content));
    expect(ran).toMatchObject({ code: 0, out: '2 imported, 1 there already.\n' });
    expect(stub.seen[0]?.headers['content-type']).toBe(type);
    expect(String(stub.seen[0]?.body)).toBe(content);
  });

  it('sends the rows of a Parquet file as lines, and names a file that is none', async () => {
    answer = json(200, imported);
    const columnData = [
      { name: 'text', data: ['a', 'b'] },
      { name: 'key', data: [7n, 2n ** 60n], type: 'INT64' as const },
      { name: 'domain', data: ['law', null], nullable: true },
    ];
    const path = file('items.parquet', Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 1 })));
    expect(await quorate(stub.url, 'import', ID, path)).toMatchObject({ code: 0 });
    expect(stub.seen[0]?.headers['content-type']).toBe('application/x-ndjson');
    const lines = String(stub.seen[0]?.body).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { text: 'a', key: 7, domain: 'law' },
      { text: 'b', key: '1152921504606846976' },
    ]);
    const wrong = await quorate(stub.url, 'import', ID, file('wrong.parquet', 'no such thing'));
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('no Parquet file that can be read') });
    expect(stub.seen).toHaveLength(1);
  });

  it('names a file that cannot be opened, and asks nobody', async () => {
    const path = join(folder, 'a-socket');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const ran = await quorate(stub.url, 'import', ID, path, '--format', 'csv');
    expect(ran).toEqual({ code: 1, out: '', err: `${path}: no such device or address (ENXIO).\n` });
    expect(stub.seen).toEqual([]);
  });

  it('names a file that cannot be read to its end, and no server', async () => {
    answer = json(200, imported);
    const rows = async function* () {
      yield Buffer.from('text\n');
      throw usageError('items.csv: this user may not access it.');
    };
    const body = ReadableStream.from(rows()) as unknown as ReadableStream<Uint8Array>;
    const client = new ApiClient({ url: stub.url, apiKey: 'key' });
    await expect(client.upload('/x', body, {})).rejects.toThrow(/^items\.csv: this user may not access it\.$/);
  });

  it('sends a JSON array one row a line', async () => {
    answer = json(200, imported);
    await quorate(stub.url, 'import', ID, file('items.json', '[{"text":"a"},\n {"text":"b"}]'));
    expect(String(stub.seen[0]?.body)).toBe('{"text":"a"}\n{"text":"b"}\n');
  });

  it('lists rejected rows with file and line, writes them, and ends with 2', async () => {
    const rejected = [{ line: 3, reason: 'the row has 1 columns, but the header has 2' }];
    answer = json(200, { ...imported, rejected, rejectedCount: 1 });
    const path = file('items.csv', 'text,key\na,1\nb\n');
    const out = join(folder, 'rejected.jsonl');
    const ran = await quorate(stub.url, 'import', ID, path, '--rejected', out);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('2 imported, 1 there already, 1 rejected.\n');
    expect(ran.err).toBe(`${path}:3: the row has 1 columns, but the header has 2\n`);
    expect(readFileSync(out, 'utf8')).toBe(`${JSON.stringify(rejected[0])}\n`);
    const other = await quorate(stub.url, 'import', ID, path, '--rejected', path);
    expect(other).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is there already, and no list of rejected rows/),
    });
    expect(readFileSync(path, 'utf8')).toContain('text,key');
  });

  it('tells of an import of which nothing could be used in the same way', async () => {
    const rejected = [{ line: 1, reason: 'the line is not valid UTF-8' }];
    const result = { accepted: 0, duplicates: 0, rejected, rejectedCount: 1 };
    answer = problem(422, 'invalid_input', 'No row could be imported.', result);
    const path = file('items.jsonl', Buffer.from([0xff, 0x0a]));
    const ran = await quorate(stub.url, 'import', ID, path, '--json');
    expect(ran).toMatchObject({ code: 2, err: `${path}:1: the line is not valid UTF-8\n` });
    expect(JSON.parse(ran.out)).toEqual(result);
  });

  it('says once what every row has wrong, with what the rows have', async () => {
    const rejected = [1, 2, 3].map((line) => ({ line, reason: 'payload.a is missing; it must be a string' }));
    answer = problem(422, 'invalid_input', 'No row.', { accepted: 0, duplicates: 0, rejected, rejectedCount: 3 });
    const lines = file('pairs.jsonl', '{"prompt":"p","responses":["x","y"]}\n'.repeat(3));
    const told = `${lines}:1: payload.a is missing; it must be a string (the rows have prompt, responses)\nand 2 more of the same kind;`;
    expect((await quorate(stub.url, 'import', ID, lines)).err).toContain(told);
  });

  it('names a folder, whatever its ending', async () => {
    const ran = await quorate(stub.url, 'import', ID, folder);
    expect(ran).toMatchObject({ code: 2, err: `${folder}: it is a folder; name a file.\n` });
  });

  it.each([
    ['picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), /picture\.csv: it is not a text file in UTF-8/],
    ['empty.jsonl', '', /empty\.jsonl: it is empty/],
    ['empty.json', '[]', /it has no rows/],
    ['bad.json', '[{"a":1},\n {"a":}]', /bad\.json:2:7: not valid JSON/],
    ['object.json', '{}', /must be a JSON array/],
    ['items.txt', 'a', /the ending does not say what it is\. Say --format/],
  ])('refuses %s before anything is sent', async (name, content, message) => {
    const ran = await quorate(stub.url, 'import', ID, file(name, content));
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(message);
    expect(stub.seen).toEqual([]);
  });

  it('names the file when the server finds no rows, or refuses the header', async () => {
    answer = problem(400, 'malformed_request', 'The body has no rows; send a JSON array, NDJSON or CSV with a header.');
    expect((await quorate(stub.url, 'import', ID, file('h.csv', 'text\n'))).err).toMatch(/h\.csv: it has no rows\./);
    answer = problem(422, 'invalid_input', 'The CSV header (line 1) names the column "a" twice.');
    expect((await quorate(stub.url, 'import', ID, file('t.csv', 'a,a\n1,2\n'))).err).toMatch(
      /t\.csv: The CSV header \(line 1\)/,
    );
  });

  it('hears a refusal that comes before the file was sent', async () => {
    answer = (_request, response) => {
      response.writeHead(409, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ detail: 'The campaign is finished; it takes no more items.' }));
    };
    const ran = await quorate(stub.url, 'import', ID, file('big.jsonl', '{"text":"a"}\n'.repeat(2_000_000)));
    expect(ran).toMatchObject({ code: 1, err: 'The campaign is finished; it takes no more items.\n' });
  });

  it('reads a large file no faster than the server takes it', async () => {
    let read = 0;
    let received = 0;
    let ahead = 0;
    answer = async (request, response) => {
      for await (const chunk of request) {
        received += (chunk as Buffer).length;
        // Other work comes first, as in a server that stores what it gets.
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end(JSON.stringify(imported));
    };
    const path = file('big.jsonl', `{"text":"${'x'.repeat(1000)}"}\n`.repeat(48_000));
    const onBytes = (bytes: number) => {
      read = bytes;
      ahead = Math.max(ahead, read - received);
    };
    const client = new ApiClient({ url: stub.url, apiKey: 'key' });
    await importRows(client, { campaignId: ID, file: path, format: 'jsonl', onBytes });
    expect(read).toBe(statSync(path).size);
    expect(received).toBe(read);
    // What lies between is in the buffers of two sockets.
    expect(ahead).toBeLessThan(read / 3);
  });
});
