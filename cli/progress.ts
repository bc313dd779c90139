const EVERY_MS = 100;
const WIDTH = 24;

/**
 * A progress bar on a terminal's standard error; nothing elsewhere. `total` undefined: how much there is is not known.
 * Counts bytes, if `text` does not say otherwise.
 */
export function createProgress(what: string, total: number | undefined, text: (done: number) => string = inBytes) {
  const out = process.stderr;
  const startedMs = performance.now();
  let shownMs = Number.NEGATIVE_INFINITY;
  const show = (done: number) => {
    const seconds = (performance.now() - startedMs) / 1000;
    const line = progressLine(what, { done, total, seconds }, text);
    out.write(`\r\u001b[2K${line.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
  };
  return {
    at(done: number): void {
      if (!out.isTTY || performance.now() - shownMs < EVERY_MS) return;
      shownMs = performance.now();
      show(done);
    },
    /** Takes the bar away, so that the result stands alone. */
    end(): void {
      if (out.isTTY) out.write('\r\u001b[2K');
    },
  };
}

/** One line on a terminal's standard error that replaces the one before; '' takes it away. Nothing elsewhere. */
export function showLine(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
}

/** One line on standard error that stays, in the place of the one that `showLine` has there. */
export function note(line: string): void {
  showLine('');
  process.stderr.write(`${line}\n`);
}

/** One line: what, how far, how much and how fast. */
export function progressLine(
  what: string,
  { done, total, seconds }: { done: number; total: number | undefined; seconds: number },
  text: (done: number) => string = inBytes,
): string {
  const rate = seconds > 0 ? `  ${text(done / seconds)}/s` : '';
  if (total === undefined || total === 0) return `${what}  ${text(done)}${rate}`;
  const part = Math.min(1, done / total);
  const full = Math.round(part * WIDTH);
  const bar = '#'.repeat(full) + '.'.repeat(WIDTH - full);
  return `${what}  [${bar}] ${Math.floor(100 * part)}%  ${text(done)} of ${text(total)}${rate}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people: "1.5 MB" (1 MB = 1,000,000 bytes). */
export function inBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
