import { wilsonInterval } from '../learning/evaluate.ts';

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
  /** Audited tasks, and pairs of people, before a judge can be trusted; also how many of the newest ones show a fall. */
  readonly minAudited: number;
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
  /** With the first person who answered, one comparison a task. */
  readonly agrees: Agreement;
  /** The same in the newest `minAudited` tasks. */
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
        ? [{ own: own.label, first: first.label, second: own.paired ? second?.label : undefined }]
        : [];
    });
    const agreesIn = (list: typeof met): Agreement => {
      return { same: list.filter(({ own, first }) => own === first).length, of: list.length };
    };
    const paired = met.filter(({ second }) => second !== undefined);
    const people = { same: paired.filter(({ first, second }) => first === second).length, of: paired.length };
    const recent = agreesIn(met.slice(0, rule.minAudited));
    const before = agreesIn(met.slice(rule.minAudited));
    const agrees = agreesIn(met);
    const enough = ({ of }: Agreement) => of >= rule.minAudited;
    const fell = enough(before) && isBelow(recent, before);
    const known = enough(agrees) && enough(people);
    const chance = known ? chanceOfSoOdd(paired) : 1;
    const cause = chance < SURELY_WORSE ? ('worse' as const) : fell ? ('fell' as const) : undefined;
    const trust = cause ? 'distrusted' : known && chance >= PERHAPS_WORSE ? 'trusted' : 'learning';
    const others = judges.filter((each) => each !== annotatorId);
    const correlation = Math.max(0, ...others.map((other) => correlationOf(tasks, annotatorId, other, rule)));
    return { annotatorId, trust, ...(cause ? { cause } : {}), agrees, recent, people, correlation };
  });
}

/** Below the first a judge is worse than a person; between the two more audits have to tell. */
const SURELY_WORSE = 0.025;
const PERHAPS_WORSE = 0.2;

/**
 * The chance that a judge who is as good as a person is so often at odds with two people who agree. Where two of three
 * answers are alike, who is as good as the others gave the third one time in three: the upper tail of a binomial
 * distribution, exact, each task its own control.
 */
function chanceOfSoOdd(
  paired: readonly { readonly own: string; readonly first: string; readonly second: string | undefined }[],
): number {
  const odd = paired.filter(({ own, first, second }) => first === second && own !== first).length;
  const torn = paired.filter(({ own, first, second }) => first !== second && (own === first || own === second)).length;
  const of = odd + torn;
  // In logarithms: the terms of thousands of audits are too small for a number.
  let log = of * Math.log(2 / 3);
  let below = 0;
  for (let k = 0; k < odd; k++) {
    below += Math.exp(log);
    log += Math.log((of - k) / (k + 1)) - Math.log(2);
  }
  return 1 - below;
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

/** Whether the 95% intervals of two shares are apart, the first below. */
function isBelow(a: Agreement, b: Agreement): boolean {
  return a.of > 0 && b.of > 0 && wilsonInterval(a.same, a.of).high < wilsonInterval(b.same, b.of).low;
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
