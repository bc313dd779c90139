import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseCsvRecord } from '../../domain/formats/csv.ts';
import { REPORT_STATUSES } from '../../domain/payouts/reconcile.ts';
import { facts, print, printJson, table, usageError } from '../output.ts';
import { fileProblem, readText } from './files.ts';
import { client, expectShape } from './shared.ts';
import { allPages } from './views.ts';

const run = z.looseObject({
  id: z.string(),
  period: z.string(),
  state: z.string(),
  // Absent from an older server.
  startedByName: z.string().optional(),
  approvedByName: z.string().nullish(),
  items: z.number(),
  ambiguous: z.number(),
  withoutAccount: z.number(),
  withoutAccountUsd: z.string(),
  totalUsd: z.string(),
  waitingUsd: z.string(),
  paidUsd: z.string(),
  failedUsd: z.string(),
  differenceUsd: z.string(),
  note: z.string().nullable(),
});
const payment = z.looseObject({
  id: z.string(),
  recipient: z.string(),
  name: z.string().nullable(),
  channel: z.string(),
  state: z.string(),
  reference: z.string(),
  amountUsd: z.string(),
  note: z.string().nullable(),
  // Absent from an older server.
  paidBy: z.string().optional(),
  settlement: z
    .looseObject({
      answers: z.number(),
      accepted: z.number(),
      refused: z.number(),
      chargedUsd: z.string(),
      refusals: z.array(
        z.looseObject({ taskId: z.string(), responseKey: z.string(), amountUsd: z.string(), why: z.string() }),
      ),
    })
    .nullish(),
});
const whole = run.extend({
  cannotApprove: z.string().nullish(),
  payments: z.array(payment),
  // Absent from an older server.
  paymentsCursor: z.string().nullish(),
});

interface Json {
  readonly json?: boolean;
}

const pathOf = (id: string, rest = '') => `/v1/payouts/${encodeURIComponent(id)}${rest}`;

function shown(answer: unknown, { json }: Json): void {
  if (json) {
    printJson(answer);
    return;
  }
  const view = expectShape(whole, answer);
  print(
    facts([
      ['run', view.id],
      ['month', view.period],
      ['state', view.state],
      ...optional('begun by', view.startedByName),
      ...optional('approved by', view.approvedByName),
      ...optional('approval', view.cannotApprove),
      ['payments', `${view.items} for $${view.totalUsd}`],
      ['paid', `$${view.paidUsd}`],
      ['under way', `$${view.waitingUsd}`],
      ['failed, owed again', `$${view.failedUsd}`],
      ['books less report', `$${view.differenceUsd}`],
      ...(view.withoutAccount > 0
        ? ([
            ['without an account', `${view.withoutAccount}, owed $${view.withoutAccountUsd}: left for the next run`],
          ] as const)
        : []),
      ...optional('note', view.note),
    ]),
  );
  if (view.payments.length === 0) return;
  const rows = view.payments.map((each) => [
    each.id,
    each.name ?? each.recipient,
    each.paidBy === undefined || each.channel === 'bank' ? each.channel : `${each.channel}, ${each.paidBy}`,
    each.amountUsd,
    each.state,
    [settled(each.settlement), each.note ?? ''].filter(Boolean).join(' '),
  ]);
  print(['', ...table(['PAYMENT', 'TO', 'BY', 'USD', 'STATE', 'NOTE'], rows)]);
  const refusals = view.payments.flatMap(({ channel, settlement }) =>
    (settlement?.refusals ?? []).map((each) => [channel, each.responseKey, each.taskId, each.amountUsd, each.why]),
  );
  if (refusals.length > 0) print(['', ...table(['NOT PAID AT', 'ANSWER', 'TASK', 'USD', 'WHY'], refusals)]);
}

const optional = (name: string, value: string | null | undefined): (readonly [string, string])[] =>
  value == null ? [] : [[name, value]];

function settled(settlement: z.output<typeof whole>['payments'][number]['settlement']): string {
  if (!settlement) return '';
  const { accepted, answers, chargedUsd } = settlement;
  return `${accepted} of ${answers} answers accepted there for $${chargedUsd}.`;
}

/** `quorate payout run`. */
export async function begin(month: string, flags: Json & { least?: string }): Promise<void> {
  const body = { period: month, ...(flags.least === undefined ? {} : { leastUsd: flags.least }) };
  shown(await (await client()).post('/v1/payouts', body), flags);
}

/** `quorate payout list`. */
export async function list({ json }: Json): Promise<void> {
  const runs = await allPages(await client(), '/v1/payouts', run);
  if (json) return printJson(runs);
  if (runs.length === 0) return print('No payout runs yet. Begin one with `quorate payout run MONTH`.');
  const rows = runs.map((each) => [
    each.id,
    each.period,
    each.state,
    String(each.items),
    each.totalUsd,
    each.differenceUsd,
  ]);
  print(table(['ID', 'MONTH', 'STATE', 'PAYMENTS', 'USD', 'DIFFERENCE'], rows));
}

/** `quorate payout show`. */
export async function show(id: string, flags: Json): Promise<void> {
  const api = await client();
  const answer = await api.get(pathOf(id));
  const { paymentsCursor } = expectShape(whole, answer);
  if (!paymentsCursor) return shown(answer, flags);
  const payments = await allPages(api, pathOf(id, '/payments'), payment);
  shown({ ...Object(answer), payments, paymentsCursor: null }, flags);
}

const did = z.looseObject({
  act: z.string(),
  name: z.string(),
  keyName: z.string().nullable(),
  note: z.string().nullable(),
  at: z.string(),
});

/** `quorate payout log`. */
export async function log(id: string, { json }: Json): Promise<void> {
  const acts = await allPages(await client(), pathOf(id, '/acts'), did);
  if (json) return printJson(acts);
  const rows = acts.map(({ at, act, name, keyName, note }) => [at, act, name, keyName ?? '', note ?? '']);
  print(table(['WHEN', 'WHAT', 'WHO', 'BY KEY', 'NOTE'], rows));
}

/** One act on a run. */
export async function act(
  id: string,
  name: 'approve' | 'cancel' | 'resolve',
  body: object,
  flags: Json,
): Promise<void> {
  shown(await (await client()).post(pathOf(id, `/${name}`), body), flags);
}

/** `quorate payout export`. Refuses to write over a file: two files for a bank are one too many. */
export async function exportFile(id: string, { out, json }: Json & { out: string }): Promise<void> {
  const response = await (await client()).download(pathOf(id, '/file'));
  const text = await response.text();
  try {
    await writeFile(out, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw usageError(
        `${out}: it is there already. The same file sent twice may pay twice; name another to look at it.`,
      );
    }
    throw fileProblem(error, out);
  }
  const payments = text.split('\r\n').length - 2;
  if (json) printJson({ file: out, payments });
  else print(`Wrote ${payments} payments to ${out}.`);
}

/** `quorate payout reconcile`. */
export async function reconcile(id: string, flags: Json & { in: string }): Promise<void> {
  const lines = reportOf(flags.in, await readText(flags.in));
  shown(await (await client()).post(pathOf(id, '/report'), { lines }), flags);
}

const NAMES = {
  reference: ['reference', 'end_to_end_id'],
  amount: ['amount', 'amount_usd'],
  status: ['status'],
} as const;

/** The lines of a report; whatever other columns a bank adds is ignored. */
function reportOf(file: string, text: string) {
  const [head = '', ...rows] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = cellsOf(file, head, 1).map((name) => name.trim().toLowerCase());
  const at = (what: keyof typeof NAMES) => {
    const found = header.findIndex((name) => (NAMES[what] as readonly string[]).includes(name));
    if (found < 0) throw usageError(`${file}:1: there is no column ${NAMES[what].join(' or ')}.`);
    return found;
  };
  const [reference, amount, status] = [at('reference'), at('amount'), at('status')];
  return rows.flatMap((row, index) => {
    if (row.trim() === '') return [];
    const line = index + 2;
    const cells = cellsOf(file, row, line);
    const cell = (place: number) => (cells[place] ?? '').trim();
    const refuse = (place: number, rule: string) =>
      usageError(`${file}:${line}: column ${place + 1}, ${header[place]}, is ${JSON.stringify(cell(place))}; ${rule}.`);
    const said = REPORT_STATUSES.find((each) => each === cell(status).toLowerCase());
    if (!said) throw refuse(status, `it must be ${REPORT_STATUSES.join(', ')}`);
    if (cell(reference) === '') throw refuse(reference, 'it must name a payment');
    if (!/^\d{1,9}(\.\d{1,6})?$/.test(cell(amount))) throw refuse(amount, 'it must be dollars such as 1234.50');
    return [{ reference: cell(reference), amountUsd: cell(amount), status: said, line }];
  });
}

function cellsOf(file: string, record: string, line: number): string[] {
  const read = parseCsvRecord(record);
  if ('fault' in read) throw usageError(`${file}:${line}: ${read.fault}.`);
  return read.cells;
}
