import { grouped, listed, show } from './messages.ts';
import { type Question, readVerdict, type Verdict, verdictDistance } from './verdict.ts';

/** Most turns of one dialog. */
export const MAX_TURNS = 200;

/** An answer for each turn of a dialog, null where nothing is asked of it. */
export type TurnVerdicts = readonly (Verdict | null)[];

/**
 * Reads the answers to a question about each turn of `roles`; a string says what is wrong. Without the dialog any place
 * may be null.
 */
export function readTurns(
  value: unknown,
  question: Question,
  { roles, dialog }: { roles: readonly string[]; dialog: readonly { readonly role: string }[] | undefined },
): TurnVerdicts | string {
  const missing = '(null for those that are not judged)';
  if (!Array.isArray(value)) return `label.turns: ${show(value)} is not a list with a place for each turn ${missing}`;
  const places = `label.turns has ${grouped(value.length)} places`;
  if (dialog && value.length !== dialog.length) return `${places}; the dialog has ${dialog.length} turns ${missing}`;
  if (value.length > MAX_TURNS) return `${places}; at most ${MAX_TURNS} are allowed`;
  const turns: (Verdict | null)[] = [];
  for (const [at, given] of (value as unknown[]).entries()) {
    const field = `label.turns[${at}]`;
    const role = dialog?.[at]?.role;
    const empty = given === null || given === undefined;
    if (role !== undefined && !roles.includes(role) && !empty) {
      return `${field} is ${show(given)}; it must be null, for only turns of ${listed(roles)} are judged`;
    }
    if (empty && (role === undefined || !roles.includes(role))) {
      turns.push(null);
      continue;
    }
    const read = readVerdict(given, question, field);
    if ('fault' in read) return read.fault;
    turns.push(read.verdict);
  }
  return turns;
}

/** Mean distance over the turns that either judged; undefined where none was. */
export function turnsDistance(a: TurnVerdicts, b: TurnVerdicts, question: Question): number | undefined {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at] ?? null, b[at] ?? null];
    if (one === null && other === null) continue;
    count++;
    sum += one === null || other === null ? 1 : verdictDistance(one, other, question);
  }
  return count === 0 ? undefined : sum / count;
}
