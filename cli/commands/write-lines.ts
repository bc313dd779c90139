import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { fileProblem } from './files.ts';

/** Text collected before it is written: large enough that calls cost nothing, small enough to hold. */
const PIECE = 1 << 18;

/** Writes lines to a file, or to standard output for `-`, piece by piece. */
export function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  return writePieces(file, pieces(lines));
}

/** Writes pieces to a file, or to standard output for `-`, each before the next one is asked for. */
export async function writePieces(file: string, all: Iterable<string | Uint8Array>): Promise<void> {
  if (file === '-') {
    // A copy, as the next piece may come in the same bytes before these have left.
    for (const given of all) {
      const piece = typeof given === 'string' ? given : Buffer.from(given);
      if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    }
    return;
  }
  try {
    const to = openSync(file, 'w');
    try {
      for (const piece of all) writeFileSync(to, piece);
    } finally {
      closeSync(to);
    }
  } catch (error) {
    throw fileProblem(error, file);
  }
}

/** Lines put together. */
export function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
