import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { fileProblem } from './files.ts';

/** Text collected before it is written: large enough that calls cost nothing, small enough to hold. */
const PIECE = 1 << 18;

/** Writes lines to a file, or to standard output for `-`, piece by piece. */
export async function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  if (file === '-') {
    for (const piece of pieces(lines)) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    return;
  }
  try {
    const to = openSync(file, 'w');
    try {
      for (const piece of pieces(lines)) writeFileSync(to, piece);
    } finally {
      closeSync(to);
    }
  } catch (error) {
    throw fileProblem(error, file);
  }
}

function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
