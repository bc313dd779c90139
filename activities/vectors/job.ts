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

export const OPERATIONS = ['affine', 'lowerNearest', 'dots'] as const;

/** Writes a job and opens it; the threads wake up. */
export function openJob(
  control: Int32Array,
  operation: (typeof OPERATIONS)[number],
  rows: number,
  words: readonly number[],
): number {
  const blockRows = Math.max(LEAST_BLOCK_ROWS, Math.ceil(rows / (MOST_BLOCKS - 1)));
  const blocks = Math.ceil(rows / blockRows);
  const next = closeJob(control);
  control[OPERATION] = OPERATIONS.indexOf(operation);
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
    const word = (at: number) => Atomics.load(control, ARGUMENTS + at);
    const address = (at: number) => word(at) >>> 0;
    const rows = Atomics.load(control, ROWS);
    const blockRows = Atomics.load(control, BLOCK_ROWS);
    const blocks = Atomics.load(control, BLOCKS);
    const args = [address(0), word(1), address(2), word(3), address(4), word(5)] as const;
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
    const [a, b, c, d, e, f] = args;
    if (operation === 0) kernel.affine(a, b, c, d >>> 0, f, e, from, to);
    else if (operation === 1) kernel.lowerNearest(a, b, c, d, e, from, to);
    else kernel.dots(a, b, c, e, from, to);
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}
