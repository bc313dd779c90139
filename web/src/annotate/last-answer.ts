import type { Offer } from '../api/types';

export interface Answer {
  readonly label: unknown;
  readonly timeSpentS: number;
}

export interface Given {
  readonly offer: Offer;
  readonly answer: Answer;
}

/** How long an answer can be taken back before it is sent. */
export const HOLD_MS = 5000;

/**
 * The answer given last. It goes to the server a moment later, so that it can be taken back until then; what the server
 * has acknowledged stands.
 */
export class LastAnswer {
  #given: Given | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;
  readonly #deliver: (given: Given) => Promise<void>;
  readonly #due: () => void;

  /** `due` is called when an answer shall be sent; `deliver` resolves once the server has it, or will not have it. */
  constructor({ deliver, due }: { deliver: (given: Given) => Promise<void>; due: () => void }) {
    this.#deliver = deliver;
    this.#due = due;
  }

  get given(): Given | null {
    return this.#given;
  }

  keep(given: Given, holdMs = HOLD_MS): void {
    this.#given = given;
    this.#wait(holdMs);
  }

  /** The answer, back; null where there is none, or it is on its way. */
  takeBack(): Given | null {
    if (this.#sending) return null;
    clearTimeout(this.#timer);
    const given = this.#given;
    this.#given = null;
    return given;
  }

  /** Sends what is there. Throws what the server refused with; then the answer is still here. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#sending) return this.#sending;
    const given = this.#given;
    if (!given) return;
    this.#sending = this.#deliver(given);
    try {
      await this.#sending;
      this.#given = null;
    } finally {
      this.#sending = null;
    }
  }

  /** Tries again later. */
  retry(afterMs: number): void {
    this.#wait(afterMs);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#due, ms);
  }
}
