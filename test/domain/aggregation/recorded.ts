import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** The rows of a file of recorded answers kept beside the project (plain cells); undefined where there is none. */
export function recorded(path: string): Record<string, string>[] | undefined {
  if (!existsSync(folder + path)) {
    console.warn(`Skipped: no recorded answers at ../shared/data/${path}.`);
    return undefined;
  }
  const [head = '', ...lines] = readFileSync(folder + path, 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}

/** Pearson's correlation. */
export function pearson(xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const n = xs.length;
  const mean = (of: ArrayLike<number>) => Array.from(of).reduce((sum, x) => sum + x / n, 0);
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(xs[i] ?? 0) - meanX, (ys[i] ?? 0) - meanY];
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xy / Math.sqrt(xx * yy);
}
