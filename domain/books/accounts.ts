/**
 * The books: every entry of the ledger moves one amount from one account to another, so that each entry, and with it
 * any set of entries, sums to zero by its shape.
 */

/** What can be booked. */
export const LEDGER_KINDS = [
  'reserve',
  'spend',
  'release',
  'fee',
  'bonus',
  'deduction',
  'payout',
  'payout_failed',
] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** Who the money of an entry is for. */
export const PAYEES = ['annotator', 'vendor', 'judge', 'platform'] as const;
export type Payee = (typeof PAYEES)[number];

/**
 * `requester_funds` is what campaigns drew (below zero) and got back; `paid_out` what has left the house. The others
 * are what is set aside, owed to people, owed to vendors for their workers, owed to them as their own fees, and used up
 * by judges.
 */
export const ACCOUNTS = [
  'requester_funds',
  'reserved',
  'annotator_payable',
  'vendor_payable',
  'judge_usage',
  'fees',
  'paid_out',
] as const;
export type Account = (typeof ACCOUNTS)[number];

/** The account in which a payee's money waits. */
export const PAYABLE: Readonly<Record<Payee, Account>> = {
  annotator: 'annotator_payable',
  vendor: 'vendor_payable',
  judge: 'judge_usage',
  platform: 'fees',
};

/** An end of an entry: an account, or the one of its payee. */
type End = Account | 'payable';

/** From where to where each kind of entry moves its amount. The database's generated columns are made from this. */
export const TRANSFERS: Readonly<Record<LedgerKind, { readonly from: End; readonly to: End }>> = {
  reserve: { from: 'requester_funds', to: 'reserved' },
  release: { from: 'reserved', to: 'requester_funds' },
  spend: { from: 'reserved', to: 'payable' },
  bonus: { from: 'reserved', to: 'payable' },
  fee: { from: 'reserved', to: 'fees' },
  deduction: { from: 'payable', to: 'requester_funds' },
  payout: { from: 'payable', to: 'paid_out' },
  payout_failed: { from: 'paid_out', to: 'payable' },
};

export interface Entry {
  readonly kind: LedgerKind;
  readonly payee: Payee;
  /** Above zero; the kind gives the direction. */
  readonly amountMicros: bigint;
}

export interface Line {
  readonly account: Account;
  /** Into the account above zero, out of it below. */
  readonly amountMicros: bigint;
}

/** The two lines that an entry posts; they sum to zero. */
export function linesOf({ kind, payee, amountMicros }: Entry): readonly [Line, Line] {
  const at = (end: End): Account => (end === 'payable' ? PAYABLE[payee] : end);
  const { from, to } = TRANSFERS[kind];
  return [
    { account: at(from), amountMicros: -amountMicros },
    { account: at(to), amountMicros },
  ];
}

/** What entries add up to, account by account. */
export function balancesOf(entries: Iterable<Entry>): Record<Account, bigint> {
  const balances = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Record<Account, bigint>;
  for (const entry of entries) for (const line of linesOf(entry)) balances[line.account] += line.amountMicros;
  return balances;
}

/** The SQL expression for one end of an entry, by the columns `kind` and `payee`. */
export function accountSql(end: 'from' | 'to'): string {
  const payables = PAYEES.map((payee) => `when '${payee}' then '${PAYABLE[payee]}'`).join(' ');
  const whens = LEDGER_KINDS.map((kind) => {
    const account = TRANSFERS[kind][end];
    return `when '${kind}' then ${account === 'payable' ? `case payee ${payables} end` : `'${account}'`}`;
  });
  return `case kind ${whens.join(' ')} end`;
}
