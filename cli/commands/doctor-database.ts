import { connect, type Db, PATIENT_MS, sqlState } from '../../db/client.ts';
import { missingGrants, NEWER, readMigrated } from '../../db/migrated.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { countViolations, INVARIANTS, type LedgerProof, verifyLedger } from '../../db/queries/invariants.ts';
import { formatUsd } from '../../domain/money.ts';
import type { Check } from '../../runtime/doctor.ts';
import { errorMessage } from '../../runtime/problem.ts';
import { paths } from '../paths.ts';
import { owing, unheard } from './ledger-run.ts';

export interface DatabaseReport {
  readonly checks: Check[];
  readonly ledger: ReturnType<typeof proofView>[];
  /** By name: how many rows break it. */
  readonly invariants: Readonly<Record<string, number>>;
}

const QUERY_CANCELED = '57014';
const WITHIN_MS = 60_000;
const OWED_MS = 24 * 3600 * 1000;

/** Proves every balance from the ledger and checks the invariants in the database of a stack. */
export async function examine(databaseUrl: string): Promise<DatabaseReport> {
  const db = connect(databaseUrl, { max: 1, name: 'quorate-doctor', silentMs: PATIENT_MS });
  try {
    await db`select set_config('statement_timeout', ${String(WITHIN_MS)}, false)`;
    const tables = await tablesCheck(db);
    if (tables.status !== 'ok') return { checks: [tables], ledger: [], invariants: {} };
    // Each by itself: what takes too long on a large database takes no other proof with it.
    let ledger: readonly LedgerProof[] = [];
    let invariants: DatabaseReport['invariants'] = {};
    const checks = [
      tables,
      ...(await attempt('Durability', 'warn', async () => [durabilityCheck(await settingsLosingData(db))])),
      ...(await attempt('Ledger', 'missing', async () => {
        ledger = await verifyLedger(db);
        return [ledgerCheck(ledger), owedCheck(ledger, Date.now()), unheardCheck(ledger)];
      })),
      ...(await attempt('Books', 'missing', async () => [booksCheck(await verifyBooks(db))])),
      ...(await attempt('Invariants', 'warn', async () => {
        const violations = await countViolations(db);
        invariants = violations;
        return INVARIANTS.map((name) => invariantCheck(name, violations[name]));
      })),
    ];
    return { checks, ledger: ledger.map(proofView), invariants };
  } catch (error) {
    return { checks: [unable('Tables', 'missing', error)], ledger: [], invariants: {} };
  } finally {
    await db.end({ timeout: 2 });
  }
}

/** Whether the database has the tables of this version, or can be given them. */
async function tablesCheck(db: Db): Promise<Check> {
  const name = 'Tables';
  const { pending, newer } = await readMigrated(db, paths.migrations);
  if (newer) return { name, status: 'missing', detail: 'of a newer version of Quorate', fix: NEWER };
  if (pending === 0) return { name, status: 'ok', detail: 'those of this version' };
  const missing = await missingGrants(db);
  if (missing !== undefined) return { name, status: 'missing', detail: 'cannot be made', fix: missing };
  const fix = '`quorate up` and `quorate migrate` make them.';
  return { name, status: 'warn', detail: `${pending} migrations are not applied yet`, fix };
}

/** Settings by which a crash of the server's machine costs what was acknowledged. */
async function settingsLosingData(db: Db): Promise<string[]> {
  const rows = await db<{ name: string }[]>`
    select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off' order by name`;
  return rows.map(({ name }) => name);
}

export function durabilityCheck(off: readonly string[]): Check {
  const name = 'Durability';
  if (off.length === 0) return { name, status: 'ok', detail: 'the database writes to the disk what it acknowledges' };
  const detail = `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off: a power cut may cost acknowledged answers, or the whole database`;
  return { name, status: 'warn', detail, fix: 'Switch it on in postgresql.conf, and reload the server.' };
}

function ledgerCheck(proofs: readonly LedgerProof[]): Check {
  const wrong = proofs.filter((proof) => !proof.holds);
  if (wrong.length === 0) {
    return { name: 'Ledger', status: 'ok', detail: `adds up to the balance of ${proofs.length} campaigns` };
  }
  const detail = `does not add up for ${wrong.map(({ campaignId }) => campaignId).join(', ')}`;
  return {
    name: 'Ledger',
    status: 'missing',
    detail,
    fix: 'Stop these campaigns and report this: --json has the sums.',
  };
}

function booksCheck({ holds, entries }: { holds: boolean; entries: number }): Check {
  const name = 'Books';
  if (holds) return { name, status: 'ok', detail: `${entries} entries sum to zero, each with its cause` };
  const fix = 'Keep the database as it is; `quorate ledger verify` says what is wrong.';
  return { name, status: 'missing', detail: 'do not hold', fix };
}

/** Answers are paid a while after they were given where a cap is full; after a day somebody has to raise it. */
function owedCheck(proofs: readonly LedgerProof[], nowMs: number): Check {
  const name = 'Pay owed';
  const old = owing(proofs).filter(({ since }) => nowMs - since.getTime() > OWED_MS);
  if (old.length === 0) return { name, status: 'ok', detail: 'none for longer than a day' };
  const micros = old.reduce((sum, each) => sum + each.owedMicros, 0n);
  const detail = `$${formatUsd(micros)} for longer than a day, of ${old.map(({ campaignId }) => campaignId).join(', ')}`;
  const fix = 'Raise the cap: `quorate campaign budget ID USD`, also after the end; or the organisation’s.';
  return { name, status: 'warn', detail, fix };
}

/** Golds and late answers are paid by message, which waits for as long as nobody can hear it. */
function unheardCheck(proofs: readonly LedgerProof[]): Check {
  const name = 'Answers to be paid';
  const campaigns = unheard(proofs);
  if (campaigns.length === 0) return { name, status: 'ok', detail: 'none waits of a campaign that has ended' };
  const answers = campaigns.reduce((sum, { waiting }) => sum + waiting, 0);
  const detail = `${answers} wait to be graded or paid, of ${campaigns.map(({ campaignId }) => campaignId).join(', ')}`;
  return { name, status: 'warn', detail, fix: 'Nothing is lost: see that a worker runs and that Temporal answers.' };
}

function invariantCheck(name: (typeof INVARIANTS)[number], violations: number): Check {
  const check = `Invariant ${name}`;
  if (violations === 0) return { name: check, status: 'ok', detail: 'holds' };
  const rows = `broken by ${violations} ${violations === 1 ? 'row' : 'rows'}`;
  if (name === 'outbox_drained') {
    const fix = 'Messages wait for over a minute: see that a worker runs and that Temporal answers.';
    return { name: check, status: 'warn', detail: `${violations} messages wait`, fix };
  }
  return { name: check, status: 'missing', detail: rows, fix: 'Keep the database as it is and report this.' };
}

/** The checks that `make` makes; where it fails, one by this `name` that says so. */
async function attempt(name: string, otherwise: Check['status'], make: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await make();
  } catch (error) {
    return [unable(name, otherwise, error)];
  }
}

function unable(name: string, status: Check['status'], error: unknown): Check {
  if (sqlState(error) === QUERY_CANCELED) {
    const detail = `could not be proved: it took longer than ${WITHIN_MS / 1000} s`;
    const fix = 'Run it when the database has less to do; `quorate ledger verify` waits for the ledger and the books.';
    return { name, status, detail, fix };
  }
  const fix = 'See that the database answers, and run it again.';
  return { name, status, detail: `could not be checked: ${errorMessage(error)}`, fix };
}

function proofView(proof: LedgerProof) {
  const money = (name: string, micros: bigint) => ({
    [`${name}Usd`]: formatUsd(micros),
    [`${name}Micros`]: Number(micros),
  });
  const { campaignId, name, holds, wrongAuthorizations, wrongPayments } = proof;
  return {
    campaignId,
    name,
    holds,
    wrongAuthorizations,
    wrongPayments,
    capUsd: formatUsd(proof.capMicros),
    reservedUsd: formatUsd(proof.reservedMicros),
    spentUsd: formatUsd(proof.spentMicros),
    ...money('ledgerReserved', proof.ledgerReservedMicros),
    ...money('ledgerSpent', proof.ledgerSpentMicros),
    ...money('owed', proof.owedMicros),
  };
}
