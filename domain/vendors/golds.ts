import { seededRng } from '../rng.ts';

/**
 * How many golds go into an order beside so many tasks, so that in the long run golds come as often among a vendor's
 * answers as `ratio` says they do among people's. The fraction that is left over is a chance, drawn by `seed`.
 */
export function goldUnitsBeside(units: number, ratio: number, seed: string): number {
  const exact = units * ratio;
  const whole = Math.floor(exact);
  return whole + (seededRng(seed).next() < exact - whole ? 1 : 0);
}
