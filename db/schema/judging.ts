import { sql } from 'drizzle-orm';
import { boolean, check, doublePrecision, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { campaigns } from './campaigns.ts';
import { createdAt, moment, oneOf } from './columns.ts';
import { DISTRUST_CAUSES, TRUSTS } from './states.ts';
import { tasks } from './tasks.ts';

/** Tasks that people were asked about whatever their judges said: the sample by which judges are measured. */
export const judgeAudits = pgTable(
  'judge_audits',
  {
    taskId: uuid('task_id')
      .primaryKey()
      .references(() => tasks.id),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    /** Whether two people at least are asked, whatever the first one says. */
    paired: boolean('paired').notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [index('judge_audits_campaign').on(t.campaignId, t.createdAt.desc())],
);

/**
 * How far a judge is trusted in a campaign, and what was counted for that. Distrust stays, but of a judge that was replaced
 * and answers again.
 */
export const judgeTrusts = pgTable(
  'judge_trusts',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    trust: text('trust', { enum: TRUSTS }).notNull(),
    /** Why it is distrusted; null in rows from before that was kept, where it fell. */
    cause: text('cause', { enum: DISTRUST_CAUSES }),
    correlation: doublePrecision('correlation').notNull(),
    agreesSame: integer('agrees_same').notNull(),
    agreesOf: integer('agrees_of').notNull(),
    recentSame: integer('recent_same').notNull(),
    recentOf: integer('recent_of').notNull(),
    peopleSame: integer('people_same').notNull(),
    peopleOf: integer('people_of').notNull(),
    distrustedAt: moment('distrusted_at'),
    /** Of one that fell: when the oldest audit was that showed it. */
    doubtedFrom: moment('doubted_from'),
    /** Of one that is distrusted: what it had a part in was judged again, up to decisions of this time. */
    lookedTo: moment('looked_to'),
    /** Only later audits count: when a person had a judge that was distrusted measured anew, who (a key's id) and why. */
    measuredFrom: moment('measured_from'),
    measuredBy: text('measured_by'),
    measuredWhy: text('measured_why'),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.annotatorId] }),
    check('judge_trusts_trust', sql`${t.trust} in (${oneOf(TRUSTS)})`),
    check(
      'judge_trusts_cause',
      sql`${t.cause} is null or (${t.cause} in (${oneOf(DISTRUST_CAUSES)}) and ${t.trust} = 'distrusted')`,
    ),
    check('judge_trusts_correlation', sql`${t.correlation} between 0 and 1`),
    check(
      'judge_trusts_counts',
      sql`${t.agreesSame} between 0 and ${t.agreesOf} and ${t.recentSame} between 0 and ${t.recentOf} and ${t.peopleSame} between 0 and ${t.peopleOf}`,
    ),
    check('judge_trusts_distrusted', sql`(${t.trust} = 'distrusted') = (${t.distrustedAt} is not null)`),
  ],
);
