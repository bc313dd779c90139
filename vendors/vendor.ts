import type { TaskTypeName } from '../domain/tasks/task-type.ts';
import type { Form, FormAnswers } from '../domain/vendors/form.ts';
import type { VendorName } from '../domain/vendors/names.ts';
import type { WorkersPaid } from '../domain/vendors/paying.ts';
import type { VendorError } from './errors.ts';

/**
 * How often a call may have its effect. `idempotent_by_key`: repeating it with the same keys changes nothing, if need be
 * because it looks for what an earlier attempt made. `at_most_once`: must not be repeated; an unknown outcome is for a
 * person. `read_only`: has none.
 */
export type Delivery = 'idempotent_by_key' | 'at_most_once' | 'read_only';

/** A call to a vendor that says its delivery class in its type. */
export type Call<Class extends Delivery, Input extends readonly unknown[], Output> = ((
  ...input: Input
) => Promise<Output>) & { readonly delivery: Class };

/** Marks a function with its delivery class. */
export function call<Class extends Delivery, Input extends readonly unknown[], Output>(
  delivery: Class,
  run: (...input: Input) => Promise<Output>,
): Call<Class, Input, Output> {
  return Object.assign((...input: Input) => run(...input), { delivery });
}

/** One task of an order: the same form for all who answer it. */
export interface Unit {
  /** Ours, the same at every attempt; travels to the vendor with the task. */
  readonly key: string;
  /** Answers wanted, of as many workers. */
  readonly answers: number;
  readonly form: Form;
}

/** What we want of a vendor: some tasks of one campaign, all of one type. */
export interface Order {
  /** Ours, the same at every attempt. */
  readonly key: string;
  readonly campaign: { readonly id: string; readonly name: string };
  readonly type: TaskTypeName;
  readonly instructions: string;
  /** What one answer may cost us, fees included, in micro-dollars. */
  readonly priceMicros: bigint;
  readonly units: readonly Unit[];
  /** Where the vendor may post its hints; undefined: we poll alone. */
  readonly callbackUrl?: string;
  /** How long answers are waited for; undefined: as long as is usual there. */
  readonly waitMs?: number;
}

/** The vendor's own ids of an order, kept in the database. Plain JSON. */
export interface Placement {
  readonly externalId: string;
  /** The vendor's id of each unit, by our key; one that is missing was refused, while others were bought. */
  readonly units: Readonly<Record<string, string>>;
  /** Why, where one is missing. */
  readonly refused?: string;
}

export interface VendorResponse {
  /** The vendor's id of this answer. */
  readonly id: string;
  readonly workerId: string;
  readonly answers: FormAnswers;
  readonly timeSpentS?: number;
  /** From 0 to 1, where the vendor says how sure the worker is. */
  readonly confidence?: number;
  /** What the vendor says this answer costs, its fee included; undefined where it says nothing. */
  readonly costMicros?: bigint;
  /** Of that, what the vendor keeps for itself; undefined where it says nothing. */
  readonly feeMicros?: bigint;
  /** Where workers are paid by our accepting their answers. */
  readonly review?: Review;
}

/** What was said of an answer: nothing yet, or whether its worker is paid. */
export type Review = 'open' | 'accepted' | 'rejected';

export interface FetchedUnit {
  readonly key: string;
  /** `open`: more may come. `failed` and `cancelled`: no more will. */
  readonly state: 'open' | 'done' | 'cancelled' | 'failed';
  readonly reason?: string;
  readonly responses: readonly VendorResponse[];
  /** What was paid though no answer came of it; of one that gets no more answers alone. */
  readonly unanswered?: readonly { readonly id: string; readonly workerId: string; readonly costMicros: bigint }[];
  /** Why an open one could not be asked about now, while others could: it is tried again. */
  readonly fault?: VendorError;
}

export interface Estimate {
  /** Of one answer, fees included. */
  readonly perAnswerMicros: bigint;
  readonly totalMicros: bigint;
  /** Where the figure comes from, in words. */
  readonly basis: string;
}

/** What to do about one answer. */
export type Settlement =
  | { readonly act: 'accept'; readonly unitKey: string; readonly responseId: string }
  | { readonly act: 'reject'; readonly unitKey: string; readonly responseId: string; readonly reason: string }
  | {
      readonly act: 'bonus';
      readonly unitKey: string;
      readonly responseId: string;
      readonly workerId: string;
      readonly amountMicros: bigint;
      readonly reason: string;
      /** Ours; the vendor's own token where it takes one. */
      readonly key: string;
    };

/** `done`: the vendor has it so. `unsupported`: it has no such act, nothing was sent. */
export type Settled = 'done' | 'unsupported';

/** The vendor has it otherwise, and will not change it: why, in words. */
export interface Refused {
  readonly refused: string;
}

export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly nowMs: number;
  /** Behind the vendor's own address, where a secret may be. */
  readonly path?: string;
}

/** A webhook that may be believed to come from the vendor; what it says is only a reason to fetch. */
export interface WebhookHint {
  /** The same for a repeat of the same event. */
  readonly eventKey: string;
  /** Our keys and the vendor's ids that it names: whichever order has one of them is fetched. */
  readonly mentions: readonly string[];
  /** It is about something that no order is known by: those that wait for answers are fetched where it mentions none. */
  readonly ofAny?: true;
}

export interface Capabilities {
  /** Why a task type cannot be sent there; `true` where it can. */
  readonly types: Readonly<Record<TaskTypeName, true | string>>;
  readonly news: 'webhook_and_poll' | 'poll';
  readonly price: 'contract' | 'set_by_us' | 'tokens';
  readonly workersPaid: WorkersPaid;
  /** Most tasks of one order, and most answers of one task. */
  readonly maxUnits: number;
  readonly maxAnswers: number;
  /** Whether a task can be cancelled alone; else a whole order is. */
  readonly cancels: 'unit' | 'order';
}

/** A vendor: one file in this room each. All throw VendorError. */
export interface Vendor {
  readonly name: VendorName;
  readonly capabilities: Capabilities;
  estimate(order: Pick<Order, 'priceMicros' | 'units'>): Estimate;
  /**
   * Has the vendor work on the order. `again`: an attempt was made before and its outcome is unknown, so what it made is
   * looked for first.
   */
  readonly submit: Call<'idempotent_by_key', [order: Order, options: { again: boolean }], Placement>;
  /** All units with all their answers so far. */
  readonly fetch: Call<'read_only', [order: Order, placement: Placement], FetchedUnit[]>;
  /** Asks for no more answers to these units. Answers under way may still come. */
  readonly cancel: Call<'idempotent_by_key', [order: Order, placement: Placement, unitKeys: readonly string[]], void>;
  /** Accepts and rejects are idempotent by the vendor's own rules. Refused is what the vendor, asked for it, has otherwise. */
  readonly settle: Call<
    'idempotent_by_key',
    [order: Order, placement: Placement, act: Exclude<Settlement, { act: 'bonus' }>],
    Settled | Refused
  >;
  /** Pays a bonus: one attempt. */
  readonly bonus: Call<
    'at_most_once',
    [order: Order, placement: Placement, act: Extract<Settlement, { act: 'bonus' }>],
    Settled
  >;
  /** What the vendor charges on top of a bonus; 0 where it says nothing of one. */
  bonusFeeMicros(amountMicros: bigint): bigint;
  /**
   * Whether a bonus of this key has been paid; undefined where the vendor cannot say. `others`: further bonuses to the same
   * answer, as large as this one, that are paid or may be.
   */
  readonly findBonus: Call<
    'read_only',
    [order: Order, placement: Placement, act: Extract<Settlement, { act: 'bonus' }> & { readonly others: number }],
    boolean | undefined
  >;
  /** Checks a webhook's signature or secret in constant time. Throws VendorError `permanent` when it is not to be believed. */
  parseWebhook(request: WebhookRequest): WebhookHint;
}

export type Vendors = ReadonlyMap<VendorName, Vendor>;
