import type { Kernel } from './kernel.ts';

/**
 * How the threads share work. Words of the control block: TICKET says which job and which of its blocks comes next;
 * whoever raises it by one does that block. The arguments may be read at any time: they are those of the ticket if the
 * ticket is still the same when it is raised, so a thread that wakes up late takes nothing from a job it does not know.
 */
export const TICKET = 0;
export const DONE = 1;
const OPERATION = 2;
const ROWS = 3;
const BLOCK_ROWS = 4;
const BLOCKS = 5;
const ARGUMENTS = 6;
export const CONTROL_WORDS = 16;

/** A ticket's low bits are its block; the others number the job. */
const BLOCK_BITS = 10;
export const MOST_BLOCKS = 2 ** BLOCK_BITS - 1;
/** The block of a ticket while a job is being written: no thread takes it. */
const CLOSED = MOST_BLOCKS;
const LEAST_BLOCK_ROWS = 512;
const STOP = -1;

/** What is done, and the fewest rows (or parts) that are worth taking at once. */
const OPERATIONS = [
  ['affine', LEAST_BLOCK_ROWS],
  ['lowerNearest', LEAST_BLOCK_ROWS],
  ['lowerGradients', LEAST_BLOCK_ROWS],
  ['moments', 1],
  ['sparseTimes', LEAST_BLOCK_ROWS],
] as const;
export type Operation = (typeof OPERATIONS)[number][0];

/** Writes a job and opens it; the threads wake up. */
export function openJob(control: Int32Array, operation: Operation, rows: number, words: readonly number[]): number {
  const place = OPERATIONS.findIndex(([name]) => name === operation);
  const blockRows = Math.max(OPERATIONS[place]?.[1] ?? 1, Math.ceil(rows / (MOST_BLOCKS - 1)));
  const blocks = Math.ceil(rows / blockRows);
  const next = closeJob(control);
  control[OPERATION] = place;
  control[ROWS] = rows;
  control[BLOCK_ROWS] = blockRows;
  control[BLOCKS] = blocks;
  control.set(words, ARGUMENTS);
  Atomics.store(control, DONE, 0);
  Atomics.store(control, TICKET, next);
  Atomics.notify(control, TICKET);
  return blocks;
}

/** Tells the threads to end. */
export function openEnd(control: Int32Array): void {
  const next = closeJob(control);
  control[OPERATION] = STOP;
  Atomics.store(control, TICKET, next);
  Atomics.notify(control, TICKET);
}

/** No block can be taken from here on; returns the first ticket of the job to come. */
function closeJob(control: Int32Array): number {
  const next = ((Atomics.load(control, TICKET) >> BLOCK_BITS) + 1) << BLOCK_BITS;
  Atomics.store(control, TICKET, next | CLOSED);
  return next;
}

/** Does blocks of the open job until none is left: then the ticket to wait for a change of; 'end' to end the thread. */
export function workOff(control: Int32Array, kernel: Kernel): number | 'end' {
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    const block = ticket & CLOSED;
    if (block === CLOSED) return ticket;
    const operation = Atomics.load(control, OPERATION);
    const word = (at: number) => Atomics.load(control, ARGUMENTS + at) >>> 0;
    const rows = Atomics.load(control, ROWS);
    const blockRows = Atomics.load(control, BLOCK_ROWS);
    const blocks = Atomics.load(control, BLOCKS);
    const args = [word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7), word(8)] as const;
    if (operation === STOP) {
      if (Atomics.load(control, TICKET) === ticket) return 'end';
      continue;
    }
    if (block >= blocks) {
      if (Atomics.load(control, TICKET) === ticket) return ticket;
      continue;
    }
    if (Atomics.compareExchange(control, TICKET, ticket, ticket + 1) !== ticket) continue;
    const from = block * blockRows;
    const to = Math.min(rows, from + blockRows);
    const [a, b, c, d, e, f, g, h, i] = args;
    if (operation === 0) kernel.affine(a, b, c, d, e, f, from, to);
    else if (operation === 1) kernel.lowerNearest(a, b, c, d, e, from, to);
    else if (operation === 2) kernel.lowerGradients(a, b, c, d, e, f, g, h, i, from, to);
    else if (operation === 3) kernel.moments(a, b, c, d, e, from, to);
    else kernel.sparseTimes(a, b, c, d, e, f, from, to);
    if (Atomics.add(control, DONE, 1) + 1 === blocks) Atomics.notify(control, DONE);
  }
}
