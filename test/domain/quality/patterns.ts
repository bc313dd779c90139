import { seededRng } from '../../../domain/rng.ts';

/** `count` labels drawn by their weights. */
export function drawn(seed: string, count: number, weights: Readonly<Record<string, number>>): string[] {
  const rng = seededRng(seed);
  const entries = Object.entries(weights);
  return Array.from({ length: count }, () => {
    let left = rng.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [label, weight] of entries) {
      left -= weight;
      if (left < 0) return label;
    }
    return entries.at(-1)?.[0] ?? '';
  });
}

/** How many of `trials` seeds a condition holds for. */
export function times(trials: number, holds: (seed: string) => boolean): number {
  return Array.from({ length: trials }, (_, at) => `trial ${at}`).filter(holds).length;
}
