import type { VendorError } from './errors.ts';

/** So many failures in a row say that an endpoint is away: the rest of an order waits for the next look. */
const MOST_FAILURES = 4;

/**
 * One look at an order: remembers how the endpoint fares, so that one that is away, or takes nothing from us, is not asked
 * about every task, while one bad task does not keep the others from being asked about.
 */
export class Look {
  /** How often asking about a unit failed, in this look and those before. */
  readonly #failures: Map<string, number>;
  #stop: VendorError | undefined;
  #inARow = 0;
  /** Whether a question was answered in it. */
  hasAnswered = false;

  constructor(failures: Map<string, number>) {
    this.#failures = failures;
  }

  /** Throws what stopped the look, where something has. */
  goOn(): void {
    if (this.#stop) throw this.#stop;
  }

  answered(): void {
    this.#inARow = 0;
    this.hasAnswered = true;
  }

  /** A question that is not answered says that the endpoint is there. */
  refused(): void {
    this.#inARow = 0;
  }

  failed(unit: string, error: VendorError): void {
    this.#failures.set(unit, (this.#failures.get(unit) ?? 0) + 1);
    this.#inARow += 1;
    // Too many requests, or a refusal of whatever is asked: one more question helps nobody.
    const forAll = error.kind === 'permanent' || error.status === 429;
    if (forAll || this.#inARow >= MOST_FAILURES) this.#stop ??= error;
  }
}
