import type { Offer } from '../api/types';

export interface Answer {
  readonly label: unknown;
  readonly timeSpentS: number;
}

export interface Given {
  readonly offer: Offer;
  readonly answer: Answer;
}

/**
 * The answers that are given and not sent, oldest first. The last one goes to the server a moment later, so that it can be
 * taken back until then; what the server has acknowledged stands.
 */
export class LastAnswer {
  #given: readonly Given[] = [];
  #refused: Given | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;
  readonly #deliver: (given: Given) => Promise<void>;
  readonly #due: () => void;

  /** `due` is called when answers shall be sent; `deliver` resolves once the server has one, or will not have it. */
  constructor({ deliver, due }: { deliver: (given: Given) => Promise<void>; due: () => void }) {
    this.#deliver = deliver;
    this.#due = due;
  }

  get given(): readonly Given[] {
    return this.#given;
  }

  has(assignmentId: string): boolean {
    return this.#given.some(({ offer }) => offer.assignmentId === assignmentId);
  }

  /** Takes what was left behind elsewhere; it goes before what is given here. */
  add(left: readonly Given[]): void {
    this.#given = [...left, ...this.#given];
  }

  keep(given: Given, holdMs: number): void {
    this.#given = [...this.#given, given];
    this.retry(holdMs);
  }

  /** The answer given last, back; null where there is none, or it is on its way. */
  takeBack(): Given | null {
    if (this.#sending) return null;
    clearTimeout(this.#timer);
    return this.#take(this.#given.at(-1) ?? null);
  }

  /** The answer that could not be sent, once; the others stay. */
  takeFailed(): Given | null {
    return this.#take(this.#refused);
  }

  /** Sends what is there. Throws what the server refused with; then the answer, and those after it, are still here. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  /** Tries again later. */
  retry(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#due, afterMs);
  }

  async #send(): Promise<void> {
    for (let next = this.#given[0]; next !== undefined; next = this.#given[0]) {
      this.#refused = next;
      await this.#deliver(next);
      this.#take(next);
    }
  }

  #take(given: Given | null): Given | null {
    this.#given = this.#given.filter((each) => each !== given);
    if (this.#refused === given) this.#refused = null;
    return given;
  }
}
