import type { Order, Placement, Vendor } from '../../vendors/vendor.ts';
import type { Asked, FaultPlan } from './fake.ts';

/** A vendor's fake with the adapter set up for it, and what a test may do behind the adapter's back. */
export interface Bench {
  readonly vendor: Vendor;
  readonly asked: readonly Asked[];
  /** The variables by which a process finds the fake. */
  readonly env: Readonly<Record<string, string>>;
  /** Texts that must never come out. */
  readonly secrets: readonly string[];
  /** Whether answers are there before all of a task's are. */
  readonly showsPartial: boolean;
  /** Whether a task that somebody has begun can be cancelled. */
  readonly cancelsStarted: boolean;
  /**
   * Has so many made-up workers answer every open task that has places left, or with `part` every second one; `amend` changes
   * answers given before.
   */
  work(options?: { workers?: number; amend?: boolean; part?: boolean }): void;
  /** Where the vendor takes answers back after it has given them: all of them, and their tasks are open again. */
  recall?(): void;
  /** How many tasks were bought for this key of ours, cancelled ones too. */
  purchases(unitKey: string): number;
  /** How many purchases there are in all. */
  allPurchases(): number;
  isCancelled(unitKey: string): boolean;
  /** Where workers are paid by our accepting their answers: the worker of this one takes it back. */
  takeBack?(responseId: string): void;
  /** Likewise: how often we asked for answers to be accepted. */
  accepts?(): number;
  /** A webhook as the vendor would send it about the order, of an event of this name; undefined where it has none. */
  webhook(
    order: Pick<Order, 'key'>,
    placement: Placement,
    event?: string,
  ): { headers: Record<string, string>; body: Buffer; path?: string } | undefined;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly faults?: FaultPlan;
  readonly timeoutMs?: number;
}
