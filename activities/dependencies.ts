import type { Db } from '../db/client.ts';

/** What activities work with. Time comes from here, so that tests can say when something happens. */
export interface Dependencies {
  readonly db: Db;
  readonly nowMs: () => number;
  /** Hosts at which requesters' own models, and embeddings, may be asked; none by default. */
  readonly modelHosts?: readonly string[];
  /** Keys by such a host, where it wants one for embeddings. */
  readonly modelKeys?: Readonly<Record<string, string>>;
  /** Micro-dollars for a million tokens of embeddings by such a host, or by `host/model`; nothing elsewhere. */
  readonly modelPrices?: Readonly<Record<string, bigint>>;
  /** Folder of models on this machine, for embeddings. */
  readonly modelsDir?: string | undefined;
  /** Tells the relay that the outbox has something; returns at once. */
  readonly wake: () => void;
}
