import { useMemo } from 'react';
import type { FormResult } from './task-form';

/** So soon after it was asked, nobody has read what is asked. */
const READ_MS = 300;

/** Asks once more before a label is sent that may be an oversight. */
export class Meant {
  #fromMs: number | null = null;

  /** Whether it may be sent now: a label that is asked about only the second time, once the question can have been read. */
  is(result: Extract<FormResult, { label: unknown }>, nowMs: number): boolean {
    if (result.confirm === undefined) return true;
    this.#fromMs ??= nowMs + READ_MS;
    return nowMs >= this.#fromMs;
  }

  /** The answer is another one now. */
  forget(): void {
    this.#fromMs = null;
  }
}

/** One for as long as a task is on the page. */
export const useMeant = (): Meant => useMemo(() => new Meant(), []);
