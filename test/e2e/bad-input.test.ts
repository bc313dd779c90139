import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HeldStack, holdUp, makePlace, type Place, quorate, requireBuild } from '../support/stack.ts';
import { viewOf } from './campaign.ts';
import { Console } from './console.ts';

requireBuild();

let place: Place;
let stack: HeldStack;
let shell: Console;
beforeAll(async () => {
  place = await makePlace();
  stack = await holdUp(place);
  shell = new Console(place);
});
afterAll(async () => {
  await stack?.stop();
  place.remove();
});

describe('exit code 2 and the place of the fault', () => {
  let id: string;
  beforeAll(async () => {
    id = await shell.createCampaign('Bad input');
  });

  const bad: readonly (readonly [what: string, name: string, content: string | Uint8Array, says: RegExp])[] = [
    ['an empty file', 'empty.csv', '', /empty\.csv: it is empty\.$/],
    ['a header alone', 'header.csv', 'key,text\n', /header\.csv: it has no rows\.$/],
    ['a ragged row', 'ragged.csv', 'key,text\nb,two,three\n', /ragged\.csv:2: .*3.*2/],
    ['an open quote', 'quote.csv', 'key,text\na,"one\n', /quote\.csv:2: .*quote/],
    ['bytes that are no text', 'latin.csv', Buffer.from('key,text\na,caf\xe9\n', 'latin1'), /latin\.csv:2: .*UTF-8/],
    ['bytes that are no text', 'latin.jsonl', Buffer.from('{"text":"caf\xe9"}\n', 'latin1'), /latin\.jsonl:1: .*UTF-8/],
    ['broken JSON', 'broken.jsonl', '{"text":"fine"\n', /broken\.jsonl:1: .*JSON/],
    ['broken JSON', 'broken.json', '[{"text":"fine"},\n{"text" "no"}]', /broken\.json:2:9: not valid JSON: /],
    ['a row without a text', 'field.jsonl', '{"txt":"fine"}\n', /field\.jsonl:1: .*text/],
    [
      'an unknown gold label',
      'gold.jsonl',
      '{"text":"fine","gold":"nonsense"}\n',
      /gold\.jsonl:1: .*"bug", "question", "praise"/,
    ],
    ['an unknown ending', 'table.xlsx', 'x', /table\.xlsx.*--format/],
  ];
  test.each(bad)('%s (%s)', async (_what, name, content, says) => {
    const ran = await quorate(place, ['import', id, shell.file(name, content)]);
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.stderr.trim()).toMatch(says);
    expect(ran.stderr).not.toMatch(/\n\s+at |Unexpected error/);
    expect((await viewOf(stack, id)).counts).toMatchObject({ pool: 0, gold: 0 });
  });

  test('rows beside a bad one are imported, and the bad one is named', async () => {
    const mixed = shell.file('mixed.csv', 'key,text\na,one\nb\nc,three\n');
    const ran = await quorate(place, ['import', id, mixed, '--json']);
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ accepted: 2, rejectedCount: 1, rejected: [{ line: 3 }] });
  });

  test('wrong usage', async () => {
    expect(await shell.refused(2, 'import', id, join(place.folder, 'nowhere.csv'))).toMatch(
      /nowhere\.csv: there is no such file/,
    );
    expect(await shell.refused(2, 'frobnicate')).toMatch(/frobnicate/);
    expect(await shell.refused(2, 'campaign', 'create', '--type', 'classification')).toMatch(/--budget/);
    expect(await shell.refused(2, 'campaign', 'create', '--type', 'guessing', '--budget', '1')).toMatch(
      /type.*classification/,
    );
    expect(await shell.refused(2, 'campaign', 'show', 'nonsense')).toMatch(/nonsense|id/);
    expect(await shell.refused(2, 'annotators', 'add')).toMatch(/--name/);
    expect(await shell.refused(2, 'annotators', 'add', '--name', 'X', '--tier', 'wizard')).toMatch(
      /tier.*domain_specialist/,
    );
    expect(await shell.refused(2, 'export', id, '--format', 'xml', '--out', 'x')).toMatch(/xml.*jsonl/);
  });

  test('--help is no fault', async () => {
    expect(await shell.run('--help')).toMatch(/campaign[\s\S]*Exit codes/);
    expect(await shell.run('campaign', 'create', '--help')).toMatch(/--labels/);
  });
});

test('without a stack a command says how to start one', async () => {
  const elsewhere = await makePlace();
  try {
    const { code, stderr } = await quorate(elsewhere, ['campaign', 'list']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/No Quorate is running here\. Start it with `quorate up`/);
  } finally {
    elsewhere.remove();
  }
});
