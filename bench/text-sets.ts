import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { curveData } from '../cli/commands/curve-run.ts';
import { readItems } from '../cli/commands/item-file.ts';
import { spamCorpus } from '../cli/demo/spam-corpus.ts';
import type { CurveData } from '../domain/learning/curve.ts';
import { seededRng } from '../domain/rng.ts';
import { packageRoot } from '../runtime/paths.ts';

const SPAM_POOL = 4500;
const folder = join(packageRoot(), '..', 'shared', 'data');

/** A set of real texts with known labels, a pool and a test part; undefined, with a message, where it is not there. */
export async function loadTexts(set: string): Promise<CurveData | undefined> {
  if (set === 'spam') {
    const rows: { text: string; label: string }[] = [];
    for await (const { text, truth } of spamCorpus()) rows.push({ text, label: truth });
    const shuffled = seededRng('spam').shuffle(rows);
    const part = (name: string, from: number, to?: number) => {
      const some = shuffled.slice(from, to);
      const labels = some.map(({ label }) => label);
      return { source: name, count: some.length, texts: some.map(({ text }) => text), labels, lines: [] };
    };
    return curveData(part('spam pool', 0, SPAM_POOL), part('spam test', SPAM_POOL));
  }
  const [pool, test] = [join(folder, set, 'train.jsonl'), join(folder, set, 'test.jsonl')];
  if (!existsSync(pool)) {
    process.stderr.write(`Skipped: there is no ${pool}.\n`);
    return undefined;
  }
  return curveData(await readItems(pool, { labelled: true }), await readItems(test, { labelled: true }));
}
