export interface BatcherOptions<In, Out> {
  /** Carries out all of a batch and answers each, in order. */
  readonly run: (batch: readonly In[]) => Promise<readonly Out[]>;
  /** Inputs with the same key never travel in one batch. */
  readonly keyOf: (input: In) => string;
  /** Batches under way at once. */
  readonly concurrency: number;
  readonly maxBatch: number;
  /** Lets those who ask in the same turn of the event loop go together, instead of the first of them alone. */
  readonly gathers?: true;
}

interface Waiting<In, Out> {
  readonly input: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets requests that meet share a database statement, as a database lets transactions share a disk write. A request
 * that finds nothing under way goes at once; those that come meanwhile go together with the next batch. When a batch
 * fails each of it is tried alone, so that nobody fails for another's sake; `run` must be harmless to repeat.
 */
export class Batcher<In, Out> {
  readonly #options: BatcherOptions<In, Out>;
  #waiting: Waiting<In, Out>[] = [];
  #underWay = 0;
  #gathering = false;

  constructor(options: BatcherOptions<In, Out>) {
    this.#options = options;
  }

  /** Adds one input; answered when its batch is done. */
  add(input: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      this.#arrived();
    });
  }

  #arrived(): void {
    if (!this.#options.gathers) this.#begin();
    else if (!this.#gathering) {
      this.#gathering = true;
      setImmediate(() => {
        this.#gathering = false;
        this.#begin();
      });
    }
  }

  #begin(): void {
    while (this.#waiting.length > 0 && this.#underWay < this.#options.concurrency) {
      this.#underWay += 1;
      void this.#carryOut(this.#takeBatch()).finally(() => {
        this.#underWay -= 1;
        this.#arrived();
      });
    }
  }

  #takeBatch(): Waiting<In, Out>[] {
    const keys = new Set<string>();
    const batch: Waiting<In, Out>[] = [];
    const later: Waiting<In, Out>[] = [];
    for (const each of this.#waiting) {
      const key = this.#options.keyOf(each.input);
      if (batch.length < this.#options.maxBatch && !keys.has(key)) batch.push(each);
      else later.push(each);
      keys.add(key);
    }
    this.#waiting = later;
    return batch;
  }

  async #carryOut(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#options.run(batch.map(({ input }) => input));
      for (const [at, each] of batch.entries()) each.resolve(answers[at] as Out);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await Promise.all(batch.map((each) => this.#carryOut([each])));
    }
  }
}
