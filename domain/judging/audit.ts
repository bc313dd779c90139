import { logChoose } from '../gamma.ts';
import { binomialTail } from '../quality/beta.ts';

/** An answer to a task that people were asked about whatever its judges said. */
export interface AuditedAnswer {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly isJudge: boolean;
  /** Whether two people at least were asked about the task whatever the first of them said. */
  readonly paired: boolean;
  /** Canonical text. */
  readonly label: string;
}

export interface AuditRule {
  /** Audited tasks, and pairs of people, before a judge can be trusted; also how many new ones it is looked for a fall after. */
  readonly minAudited: number;
  /**
   * By judge, its audits with two people before those that are looked at: so that a fall is looked for at the same ones, however
   * many are left out.
   */
  readonly earlier?: ReadonlyMap<string, number>;
}

/**
 * `learning`: too few audits yet, or too few in which people can be compared with one another, or it may be worse than
 * they. `trusted`: it may decide alone where its posterior suffices. `distrusted`: it agrees with people less than they do
 * with one another, or less than it did.
 */
export type Trust = 'learning' | 'trusted' | 'distrusted';

/**
 * Why a judge is distrusted, and so since when its decisions are doubted. `worse`: it agrees with people less than they do
 * with one another, all along. `fell`: less than it did, lately. `replaced`: another version of its model answers now.
 */
export type DistrustCause = 'worse' | 'fell' | 'replaced';

export interface Agreement {
  readonly same: number;
  readonly of: number;
}

export interface JudgeAudit {
  readonly annotatorId: string;
  readonly trust: Trust;
  /** Of one that is distrusted. */
  readonly cause?: DistrustCause;
  /** Of one that fell: the task of the oldest audit that shows it. */
  readonly fellFrom?: string;
  /** With the first person who answered, one comparison a task. */
  readonly agrees: Agreement;
  /** The same in the newest `minAudited` tasks, or in those that show its fall. */
  readonly recent: Agreement;
  /**
   * First and second person of those of the same tasks about which two were asked in any case: where the second is asked
   * because judge and first person differ, people seem to agree less than they do.
   */
  readonly people: Agreement;
  /**
   * How far it errs together with the other judge that is most like it, from 0 to 1: the correlation (phi) of being at
   * odds with the same person. People's own errors raise it, so that it rather counts too much. 1 while not measured.
   */
  readonly correlation: number;
}

/** What the audits say of each judge. `answers` by task, the newest task first, people in the order of their answers. */
export function auditJudges(answers: readonly AuditedAnswer[], rule: AuditRule): JudgeAudit[] {
  const tasks = [...grouped(answers).values()];
  const judges = [...new Set(answers.filter(({ isJudge }) => isJudge).map(({ annotatorId }) => annotatorId))].sort();
  return judges.map((annotatorId) => {
    const met = tasks.flatMap((task) => {
      const own = task.find((each) => each.annotatorId === annotatorId);
      const [first, second] = task.filter(({ isJudge }) => !isJudge);
      return own && first
        ? [{ taskId: own.taskId, own: own.label, first: first.label, second: own.paired ? second?.label : undefined }]
        : [];
    });
    const agreesIn = (list: typeof met): Agreement => {
      return { same: list.filter(({ own, first }) => own === first).length, of: list.length };
    };
    const paired = met.filter(({ second }) => second !== undefined);
    const people = { same: paired.filter(({ first, second }) => first === second).length, of: paired.length };
    const agrees = agreesIn(met);
    const known = people.of >= rule.minAudited;
    const odds = paired.map(oddOf);
    const all = countOf(odds);
    const fall = fallIn(odds, rule.minAudited, rule.earlier?.get(annotatorId) ?? 0);
    const since = fall?.isSure ? paired[fall.since - 1] : undefined;
    const recent = agreesIn(met.slice(0, since ? met.indexOf(since) + 1 : rule.minAudited));
    const cause = isSurelyWorse(all) ? ('worse' as const) : since ? ('fell' as const) : undefined;
    const seemsGood = chanceOfSoOdd(all) >= PERHAPS_WORSE && !fall;
    const trust = cause ? 'distrusted' : known && seemsGood ? 'trusted' : 'learning';
    const others = judges.filter((each) => each !== annotatorId);
    const correlation = Math.max(0, ...others.map((other) => correlationOf(tasks, annotatorId, other, rule)));
    const why = cause ? { cause, ...(cause === 'fell' && since ? { fellFrom: since.taskId } : {}) } : {};
    return { annotatorId, trust, ...why, agrees, recent, people, correlation };
  });
}

/** Above it more audits have to tell whether a judge is as good as a person. */
const PERHAPS_WORSE = 0.2;
/** How probable it is, over all looks, that a judge is found worse than people and is not; and that one is found fallen and is not. */
const FALSE_ALARMS = 0.025;

/**
 * Of an audit whose three answers are not all alike, nor all different: whether the judge gave the odd one. Whoever is as
 * good as the others gives it one time in three, and people who get worse give it more often themselves: each task is its
 * own control.
 */
type Odd = boolean | undefined;

function oddOf({ own, first, second }: { own: string; first: string; second: string | undefined }): Odd {
  if (first === second) return own === first ? undefined : true;
  return own === first || own === second ? false : undefined;
}

interface Odds {
  readonly odd: number;
  readonly of: number;
}

function countOf(odds: readonly Odd[]): Odds {
  const told = odds.filter((each) => each !== undefined);
  return { odd: told.filter(Boolean).length, of: told.length };
}

/** The chance that a judge who is as good as a person is so often the odd one. */
const chanceOfSoOdd = ({ odd, of }: Odds): number => binomialTail(odd, of, 1 / 3);

/** Shares of odd ones that a judge who is worse than people may have. */
const WORSE_SHARES = Array.from({ length: 13 }, (_, at) => 0.35 + at / 20);

/**
 * Whether a judge is worse than a person, tested by a likelihood ratio against a mixture of shares: one that is not gets
 * there with the probability of a false alarm at most, however often it is looked at (Ville's inequality), as long as no audit is
 * left out: of the newest of very many it is somewhat more.
 */
function isSurelyWorse({ odd, of }: Odds): boolean {
  const ratios = WORSE_SHARES.map((share) =>
    Math.exp(odd * Math.log(share * 3) + (of - odd) * Math.log((1 - share) * 1.5)),
  );
  return ratios.reduce((sum, each) => sum + each, 0) / ratios.length >= 1 / FALSE_ALARMS;
}

/** Below it a judge may have fallen, and is unknown, which has all tasks audited, until more audits tell. */
const PERHAPS_FALLEN = 0.01;

/**
 * How many of the newest audits (`odds`, the newest first) show that a judge is perhaps, or surely, the odd one more often than
 * before: Fisher's exact test of the newest `minAudited`, twice, four times as many against those before. It is looked for
 * once in `minAudited` audits, and the k-th look has 1 / (k (k + 1)) of the false alarms, so that all looks of a campaign
 * have no more than there may be.
 */
function fallIn(
  odds: readonly Odd[],
  minAudited: number,
  earlier: number,
): { readonly since: number; readonly isSure: boolean } | undefined {
  const all = earlier + odds.length;
  const looks = Math.floor(all / minAudited) - 1;
  const unseen = all % minAudited;
  const seen = odds.slice(unseen);
  const chances: { readonly length: number; readonly chance: number }[] = [];
  for (let length = minAudited; 2 * length <= seen.length; length *= 2) {
    chances.push({ length, chance: chanceOfMore(countOf(seen.slice(0, length)), countOf(seen.slice(length))) });
  }
  const [least] = chances.sort((a, b) => a.chance - b.chance);
  if (!least || least.chance >= PERHAPS_FALLEN / chances.length) return undefined;
  const isSure = least.chance < FALSE_ALARMS / (looks * (looks + 1)) / chances.length;
  return { since: unseen + least.length, isSure };
}

/** The chance of so large a part of the odd ones of both in the first, were there no difference (hypergeometric). */
function chanceOfMore(a: Odds, b: Odds): number {
  const odd = a.odd + b.odd;
  const all = logChoose(a.of + b.of, odd);
  let chance = 0;
  for (let k = a.odd; k <= Math.min(odd, a.of); k++) {
    if (odd - k <= b.of) chance += Math.exp(logChoose(a.of, k) + logChoose(b.of, odd - k) - all);
  }
  return chance;
}

const NONE: Agreement = { same: 0, of: 0 };

/** As the audits have it, but that judges whose model has another version now are distrusted. */
export function withoutReplaced(audits: readonly JudgeAudit[], replacedIds: readonly string[]): JudgeAudit[] {
  const replaced = { trust: 'distrusted', cause: 'replaced' } as const;
  const unaudited = replacedIds.filter((id) => !audits.some(({ annotatorId }) => annotatorId === id));
  return [
    ...audits.map((audit) =>
      replacedIds.includes(audit.annotatorId) && audit.trust !== 'distrusted' ? { ...audit, ...replaced } : audit,
    ),
    ...unaudited.map((annotatorId) => {
      return { annotatorId, ...replaced, agrees: NONE, recent: NONE, people: NONE, correlation: 1 };
    }),
  ];
}

function correlationOf(tasks: readonly AuditedAnswer[][], a: string, b: string, { minAudited }: AuditRule): number {
  const counts = [
    [0, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  for (const task of tasks) {
    const [one, other] = [a, b].map((id) => task.find(({ annotatorId }) => annotatorId === id));
    const person = task.find(({ isJudge }) => !isJudge);
    if (one && other && person) counts[one.label === person.label ? 1 : 0][other.label === person.label ? 1 : 0]++;
  }
  const [[ff, ft], [tf, tt]] = counts;
  if (ff + ft + tf + tt < minAudited) return 1;
  const scale = Math.sqrt((ff + ft) * (tf + tt) * (ff + tf) * (ft + tt));
  return scale === 0 ? 1 : Math.max(0, (ff * tt - ft * tf) / scale);
}

function grouped(answers: readonly AuditedAnswer[]): Map<string, AuditedAnswer[]> {
  const tasks = new Map<string, AuditedAnswer[]>();
  for (const answer of answers) {
    const known = tasks.get(answer.taskId);
    if (known) known.push(answer);
    else tasks.set(answer.taskId, [answer]);
  }
  return tasks;
}
