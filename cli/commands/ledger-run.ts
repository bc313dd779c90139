import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, type Db, PATIENT_MS, sqlState } from '../../db/client.ts';
import {
  type BooksProof,
  type Closing,
  closePeriod,
  type LedgerRow,
  ledgerRows,
  verifyBooks,
} from '../../db/queries/books.ts';
import { type LedgerProof, verifyLedger } from '../../db/queries/invariants.ts';
import { parsePeriod, periodAt } from '../../domain/books/period.ts';
import { csvLine } from '../../domain/formats/csv.ts';
import { formatUsd } from '../../domain/money.ts';
import { loadConfig } from '../../runtime/config.ts';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { checkDatabase, withoutPassword } from '../../runtime/external.ts';
import { CliError, EXIT, oneLine, print, printJson, usageError } from '../output.ts';
import { fileProblem } from './files.ts';
import { requireOwn } from './output-file.ts';

/** `quorate ledger verify`. Fails when anything does not hold. */
export async function verify(json: boolean): Promise<void> {
  const { books, campaigns } = await withDatabase(async (db) => ({
    books: await verifyBooks(db),
    campaigns: await verifyLedger(db),
  }));
  const wrong = campaigns.filter((each) => !each.holds);
  if (json)
    printJson({
      ...booksView(books),
      campaigns: campaigns.length,
      wrongCampaigns: wrong.map((each) => each.campaignId),
      owed: owing(campaigns).map(({ campaignId, name, owedMicros, since }) => ({
        ...{ campaignId, name, owedUsd: formatUsd(owedMicros), owedMicros: String(owedMicros) },
        since: since.toISOString(),
      })),
      waiting: unheard(campaigns).map(({ campaignId, name, waiting, since }) => ({
        ...{ campaignId, name, answers: waiting, since: since.toISOString() },
      })),
    });
  else print(booksLines(books, campaigns));
  if (!books.holds || wrong.length > 0) {
    throw new CliError('The books do not hold; keep the database as it is and report this.');
  }
}

/** Campaigns with pay that waits for room under a cap, the longest waiting first. */
export function owing(campaigns: readonly LedgerProof[]) {
  return campaigns
    .flatMap(({ owedSince: since, ...each }) => (since ? [{ ...each, since }] : []))
    .toSorted((a, b) => a.since.getTime() - b.since.getTime());
}

/** Campaigns that have ended with answers whose message waits to be heard. */
export function unheard(campaigns: readonly LedgerProof[]) {
  return campaigns.flatMap(({ waitingSince: since, ...each }) => (since ? [{ ...each, since }] : []));
}

/** The books' proof with amounts in dollars and micro-dollars. */
export function booksView({ balances, sumMicros, ...rest }: BooksProof) {
  const accounts = Object.entries(balances).map(([account, micros]) => ({
    account,
    balanceUsd: formatUsd(micros),
    balanceMicros: String(micros),
  }));
  return { ...rest, sumMicros: String(sumMicros), accounts };
}

function booksLines(books: BooksProof, campaigns: readonly LedgerProof[]): string[] {
  const wrong = campaigns.filter((each) => !each.holds);
  const says = (bad: boolean, good: string, fault: string) => `${bad ? 'WRONG' : 'ok   '}  ${bad ? fault : good}`;
  return [
    ...Object.entries(books.balances).map(
      ([account, micros]) => `${account.padEnd(18)} ${formatUsd(micros).padStart(18)}`,
    ),
    '',
    says(
      books.sumMicros !== 0n,
      `${books.entries} entries sum to zero`,
      `the accounts sum to $${formatUsd(books.sumMicros)}`,
    ),
    says(books.wrongEntries > 0, 'every entry posts to its accounts', `${books.wrongEntries} entries post to others`),
    says(books.overdrawn.length > 0, 'no account is overdrawn', `overdrawn: ${books.overdrawn.join(', ')}`),
    says(books.withoutCause > 0, 'every entry has its cause', `${books.withoutCause} entries are without their cause`),
    says(
      books.wrongPayouts > 0,
      'payments are booked as they went out',
      `${books.wrongPayouts} payments are booked otherwise than they went out`,
    ),
    says(
      books.overpaid > 0,
      'nobody was paid more than they were owed',
      `${books.overpaid} recipients were paid more in a campaign than they were owed`,
    ),
    says(
      books.changedPeriods.length > 0,
      'closed months are as they were closed',
      `changed since they were closed: ${books.changedPeriods.join(', ')}`,
    ),
    says(
      wrong.length > 0,
      `balances of ${campaigns.length} campaigns follow from the entries`,
      `wrong balances: ${wrong.map(({ name, campaignId }) => `${oneLine(name)} (${campaignId})`).join(', ')}`,
    ),
    ...owing(campaigns).map(
      ({ name, campaignId, owedMicros, since }) =>
        `owed   $${formatUsd(owedMicros)} of ${oneLine(name)} (${campaignId}), since ${since.toISOString().slice(0, 10)}`,
    ),
    ...unheard(campaigns).map(
      ({ name, campaignId, waiting, since }) =>
        `waits  ${waiting} answers of ${oneLine(name)} (${campaignId}) are to be graded or paid, since ${since.toISOString().slice(0, 16)}: see that a worker runs and Temporal answers`,
    ),
  ];
}

const COLUMNS = {
  entry: ({ id }) => id,
  booked_at: ({ at }) => at.toISOString(),
  period: ({ at }) => periodAt(at).name,
  kind: ({ kind }) => kind,
  from_account: ({ fromAccount }) => fromAccount,
  to_account: ({ toAccount }) => toAccount,
  amount_usd: ({ amountMicros }) => formatUsd(amountMicros),
  amount_micros: ({ amountMicros }) => amountMicros,
  campaign_id: ({ campaignId }) => campaignId,
  task_id: ({ taskId }) => taskId,
  assignment_id: ({ assignmentId }) => assignmentId,
  annotation_id: ({ annotationId }) => annotationId,
  annotator_id: ({ annotatorId }) => annotatorId,
  order_id: ({ orderId }) => orderId,
  adjustment_id: ({ adjustmentId }) => adjustmentId,
  payout_item_id: ({ payoutItemId }) => payoutItemId,
  key: ({ key }) => key,
} as const satisfies Record<string, (row: LedgerRow) => unknown>;

/** `quorate ledger export`. Streams; the amount moves from `from_account` to `to_account`. */
export async function exportEntries(flags: {
  period?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}): Promise<void> {
  const { out, json = false } = flags;
  if (json && out === undefined) throw usageError('--json needs --out: without it the entries themselves are printed.');
  const period = flags.period === undefined ? undefined : parsePeriod(flags.period, '--period');
  const target = out === undefined ? undefined : await openFile(out, flags.force);
  const write = async (text: string): Promise<void> => {
    if (target) await target.write(text);
    else if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  };
  try {
    const entries = await withDatabase(async (db) => {
      let count = 0;
      await write(csvLine(Object.keys(COLUMNS)));
      for await (const rows of ledgerRows(db, { startsAt: period?.startsAt, endsAt: period?.endsAt })) {
        count += rows.length;
        await write(rows.map((row) => csvLine(Object.values(COLUMNS).map((cell) => cell(row)))).join(''));
      }
      return count;
    });
    if (json) printJson({ file: out, entries });
    else if (out !== undefined) print(`Wrote ${entries} entries to ${out}.`);
  } catch (error) {
    throw out === undefined ? error : fileProblem(error, out);
  } finally {
    await target?.close();
  }
}

async function openFile(file: string, force?: boolean) {
  const head = csvLine(Object.keys(COLUMNS)).trimEnd();
  requireOwn(file, (beginning) => beginning.startsWith(head.slice(0, 100)), force);
  try {
    return await open(file, 'w');
  } catch (error) {
    throw fileProblem(error, file);
  }
}

/** `quorate ledger close MONTH`. */
export async function close(month: string, flags: { by: string; json?: boolean }): Promise<void> {
  const period = parsePeriod(month, 'month');
  const closing = await withDatabase((db) => closePeriod(db, { period, by: flags.by, now: new Date() }));
  if (flags.json) printJson(closingView(closing));
  else print([`Closed ${closing.period}: ${closing.entries} entries, digest ${closing.digest}.`]);
}

function closingView({ endsAt, closedAt, ...rest }: Closing) {
  return { ...rest, endsAt: endsAt.toISOString(), closedAt: closedAt.toISOString() };
}

/** A table or a column that is not there. */
const UNKNOWN_NAMES = new Set(['42P01', '42703']);

/** Runs `work` on the database of the stack that runs here, or the configured one. */
async function withDatabase<T>(work: (db: Db) => Promise<T>): Promise<T> {
  const config = loadConfig();
  const url = readEndpoint(config.home)?.databaseUrl ?? config.database.url;
  if (url === undefined) {
    throw new CliError(
      'No Quorate is running here. Start it with `quorate up` in another terminal, or set QUORATE_DATABASE_URL.',
    );
  }
  await checkDatabase(url);
  const db = connect(url, { max: 2, name: 'quorate-ledger', silentMs: PATIENT_MS });
  try {
    return await work(db);
  } catch (error) {
    if (!UNKNOWN_NAMES.has(sqlState(error) ?? '')) throw error;
    const what = `The database at ${withoutPassword(url)} lacks tables of this version of Quorate.`;
    throw new CliError(`${what} Is it the right one? \`quorate migrate\` brings it up to date.`, EXIT.failure, {
      cause: error,
    });
  } finally {
    await db.end({ timeout: 2 });
  }
}
