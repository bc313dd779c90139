import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { campaigns } from './campaigns.ts';
import { createdAt, id, micros, moment, oneOf } from './columns.ts';
import { items } from './items.ts';
import {
  ASSIGNMENT_STATES,
  DECISION_STATES,
  PAY_STATES,
  REOPENING_CAUSES,
  SLOT_STATES,
  TASK_KINDS,
  TASK_PURPOSES,
  TASK_STATES,
} from './states.ts';

/** A slot's place in the queue. A slot that re-opens takes a new, later place, so a scan never has to look back. */
export const queuePosition = pgSequence('queue_position');
/** Gold answers have no fixed number of slots; each takes the next number. */
export const goldSlotNumber = pgSequence('gold_slot_number');

export const tasks = pgTable(
  'tasks',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    kind: text('kind', { enum: TASK_KINDS }).notNull().default('work'),
    purpose: text('purpose', { enum: TASK_PURPOSES }).notNull().default('training'),
    state: text('state', { enum: TASK_STATES }).notNull().default('planned'),
    round: integer('round').notNull(),
    /** Slots the policy allows now; raised by extensions, never above what is reserved. */
    redundancy: smallint('redundancy').notNull(),
    priceMicros: micros('price_micros').notNull(),
    priority: smallint('priority').notNull().default(1),
    requiredTier: smallint('required_tier').notNull(),
    workforce: text('workforce').notNull().default('internal'),
    domain: text('domain'),
    /** Escalation steps taken; makes taking one idempotent. */
    escalations: smallint('escalations').notNull().default(0),
    /** How often a decided task was opened again; each time has its row in `task_reopenings` and ends in a new revision. */
    reopened: smallint('reopened').notNull().default(0),
    policyVersion: integer('policy_version').notNull(),
    instructionsVersion: integer('instructions_version').notNull(),
    /** The decided or open task whose item this one shows again, to whoever answered that; set for repeats alone. */
    repeats: uuid('repeats'),
    /** Since when it waits for a ruling, and when it is given up on; both later by each pause. Null where it never waited. */
    adjudicatingSince: moment('adjudicating_since'),
    rulingBy: moment('ruling_by'),
    createdAt: createdAt(),
    /** When it was opened, last; later by each pause while it is open. Null: no later than it was made. */
    openedAt: moment('opened_at'),
    closedAt: moment('closed_at'),
  },
  (t) => [
    uniqueIndex('tasks_item').on(t.itemId),
    uniqueIndex('tasks_repeats').on(t.repeats).where(sql`${t.repeats} is not null`),
    foreignKey({ columns: [t.repeats], foreignColumns: [t.id] }),
    check('tasks_repeat', sql`(${t.kind} = 'repeat') = (${t.repeats} is not null)`),
    index('tasks_campaign_state').on(t.campaignId, t.state),
    index('tasks_unsettled').on(t.campaignId, t.id).where(sql`${t.state} in ('planned', 'open', 'adjudicating')`),
    index('tasks_known').on(t.campaignId).where(sql`${t.kind} <> 'work'`),
    index('tasks_evaluation').on(t.campaignId).where(sql`${t.purpose} = 'evaluation'`),
    check('tasks_purpose', sql`${t.purpose} in (${oneOf(TASK_PURPOSES)})`),
    check('tasks_kind', sql`${t.kind} in (${oneOf(TASK_KINDS)})`),
    check('tasks_state', sql`${t.state} in (${oneOf(TASK_STATES)})`),
    check('tasks_priority', sql`${t.priority} between 0 and 4`),
    check('tasks_required_tier', sql`${t.requiredTier} between 0 and 3`),
    check('tasks_redundancy', sql`${t.redundancy} between 0 and 100`),
    check('tasks_price', sql`${t.priceMicros} >= 0`),
  ],
);

/**
 * A task's redundancy as rows: k slots can hold k answers and no more, by structure.
 * The columns the queue needs are copied here, so that choosing the next task reads one index.
 */
export const slots = pgTable(
  'slots',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    slotNo: integer('slot_no').notNull(),
    campaignId: uuid('campaign_id').notNull(),
    workforce: text('workforce').notNull(),
    priority: smallint('priority').notNull(),
    requiredTier: smallint('required_tier').notNull(),
    domain: text('domain'),
    pos: bigint('pos', { mode: 'number' }).notNull().default(sql`nextval('queue_position')`),
    state: text('state', { enum: SLOT_STATES }).notNull().default('open'),
    annotatorId: uuid('annotator_id').references(() => annotators.id),
    assignmentId: uuid('assignment_id'),
    /** Fencing token: raised by every lease, so that a stale holder can be told from the present one. */
    fence: integer('fence').notNull().default(0),
    leaseExpiresAt: moment('lease_expires_at'),
  },
  (t) => [
    primaryKey({ columns: [t.taskId, t.slotNo] }),
    uniqueIndex('slots_task_annotator').on(t.taskId, t.annotatorId),
    index('slots_queue')
      .on(t.campaignId, t.workforce, t.priority, t.requiredTier, t.pos)
      .where(sql`${t.state} = 'open'`),
    index('slots_queue_domain')
      .on(t.campaignId, t.workforce, t.domain, t.priority, t.requiredTier, t.pos)
      .where(sql`${t.state} = 'open' and ${t.domain} is not null`),
    index('slots_leased').on(t.campaignId).where(sql`${t.state} = 'leased'`),
    check('slots_state', sql`${t.state} in (${oneOf(SLOT_STATES)})`),
    check(
      'slots_holder',
      sql`(${t.state} in ('leased', 'submitted')) = (${t.annotatorId} is not null and ${t.assignmentId} is not null)`,
    ),
    check('slots_lease', sql`(${t.state} = 'leased') = (${t.leaseExpiresAt} is not null)`),
  ],
);

export const assignments = pgTable(
  'assignments',
  {
    id: id(),
    taskId: uuid('task_id').notNull(),
    slotNo: integer('slot_no').notNull(),
    campaignId: uuid('campaign_id').notNull(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    /** The slot's fencing token when this lease was given. */
    fence: integer('fence').notNull(),
    state: text('state', { enum: ASSIGNMENT_STATES }).notNull().default('leased'),
    /** Pay promised when the lease was given; a later change of price does not touch it. */
    priceMicros: micros('price_micros').notNull(),
    leasedAt: moment('leased_at').notNull().default(sql`now()`),
    /** From when its time counts, where it was leased again after it had run out, or its campaign was paused: later by that. */
    renewedAt: moment('renewed_at'),
    /** Seconds that it was held before it was last leased again. */
    heldS: doublePrecision('held_s').notNull().default(0),
    expiresAt: moment('expires_at').notNull(),
    closedAt: moment('closed_at'),
    /** Free words of whoever skipped the task. */
    note: text('note'),
    /** Why this campaign came first among several, as the choice was made; null where there was none. */
    routing: jsonb('routing'),
    /** Of the instructions that were shown with the task; null where that was not kept yet: its own. */
    instructionsVersion: integer('instructions_version'),
  },
  (t) => [
    // Never the same annotator twice on a task, whatever became of the first lease.
    uniqueIndex('assignments_task_annotator').on(t.taskId, t.annotatorId),
    index('assignments_held').on(t.annotatorId, t.leasedAt).where(sql`${t.state} = 'leased'`),
    index('assignments_expiry').on(t.expiresAt).where(sql`${t.state} = 'leased'`),
    // What may be given again to whom it ran out on, or who gave it back.
    index('assignments_lapsed')
      .on(t.annotatorId, t.campaignId, t.expiresAt)
      .where(sql`${t.state} in ('expired', 'released')`),
    index('assignments_noted').on(t.campaignId, t.closedAt).where(sql`${t.note} is not null`),
    foreignKey({ columns: [t.taskId, t.slotNo], foreignColumns: [slots.taskId, slots.slotNo] }),
    check('assignments_state', sql`${t.state} in (${oneOf(ASSIGNMENT_STATES)})`),
  ],
);

/** How many tasks of a group of items an annotator was given, where the campaign limits that; it never goes down. */
export const annotatorGroups = pgTable(
  'annotator_groups',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    itemGroup: text('item_group').notNull(),
    leased: integer('leased').notNull(),
    /** The campaign's limit. */
    most: integer('most').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.annotatorId, t.itemGroup] }),
    check('annotator_groups_leased', sql`${t.leased} between 1 and ${t.most}`),
  ],
);

export const annotations = pgTable(
  'annotations',
  {
    id: id(),
    assignmentId: uuid('assignment_id')
      .notNull()
      .references(() => assignments.id),
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    campaignId: uuid('campaign_id').notNull(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    /** False for a late answer whose slot was gone: kept, paid by policy, not part of any decision. */
    counted: boolean('counted').notNull(),
    /** As its task's kind says, gold or honeypot: so what somebody met of these is counted from an index. */
    ofGold: boolean('of_gold').notNull().default(false),
    /** Null where nobody said: judges and many vendors. */
    timeSpentS: doublePrecision('time_spent_s'),
    confidence: doublePrecision('confidence'),
    priceMicros: micros('price_micros').notNull(),
    /** Of the price, what the platform keeps for itself: of an answer that was bought, where the platform says so. */
    feeMicros: micros('fee_micros').notNull().default(sql`0`),
    payState: text('pay_state', { enum: PAY_STATES }).notNull().default('pending'),
    /** The quality engine's score in [0, 1] and flags; null until assessed. */
    score: doublePrecision('score'),
    flags: text('flags').array().notNull().default(sql`'{}'`),
    /** The numbers behind the flags, by flag; null where there are none. */
    evidence: jsonb('evidence'),
    /** Since then no part of any decision, though it was paid and holds its slot; `task_reopenings` says why. */
    excludedAt: moment('excluded_at'),
    /** Free words of the annotator, for whoever reads the answer. */
    comment: text('comment'),
    submittedAt: moment('submitted_at').notNull().default(sql`now()`),
    assessedAt: moment('assessed_at'),
  },
  (t) => [
    uniqueIndex('annotations_assignment').on(t.assignmentId),
    uniqueIndex('annotations_task_annotator').on(t.taskId, t.annotatorId),
    index('annotations_campaign').on(t.campaignId, t.submittedAt),
    index('annotations_annotator').on(t.annotatorId, t.campaignId, t.submittedAt),
    index('annotations_gold').on(t.annotatorId, t.campaignId).where(sql`${t.ofGold}`),
    index('annotations_commented').on(t.campaignId, t.submittedAt).where(sql`${t.comment} is not null`),
    index('annotations_owed').on(t.campaignId).where(sql`${t.payState} = 'owed'`),
    check('annotations_time_spent', sql`${t.timeSpentS} >= 0 and ${t.timeSpentS} <> 'NaN'::double precision`),
    check('annotations_confidence', sql`${t.confidence} between 0 and 1`),
    check('annotations_fee', sql`${t.feeMicros} = 0 or (${t.feeMicros} > 0 and ${t.feeMicros} < ${t.priceMicros})`),
    check('annotations_score', sql`${t.score} between 0 and 1`),
    check('annotations_pay_state', sql`${t.payState} in (${oneOf(PAY_STATES)})`),
  ],
);

export const annotationLabels = pgTable('annotation_labels', {
  annotationId: uuid('annotation_id')
    .primaryKey()
    .references(() => annotations.id),
  /** In the task type's canonical form; for pairs in the stored order, whatever order was shown. */
  label: jsonb('label').notNull(),
  /** What was shown first, where the task type draws an order for each annotator. */
  presentation: jsonb('presentation'),
});

/** The stored outcomes of a task. A later pass adds a revision; nothing is overwritten. */
export const decisions = pgTable(
  'decisions',
  {
    id: id(),
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    campaignId: uuid('campaign_id').notNull(),
    revision: integer('revision').notNull(),
    state: text('state', { enum: DECISION_STATES }).notNull(),
    label: jsonb('label'),
    confidence: doublePrecision('confidence').notNull(),
    method: text('method').notNull(),
    /** Everything the decision follows from; recomputing it gives the same bytes. */
    evidence: jsonb('evidence').notNull(),
    costMicros: micros('cost_micros').notNull(),
    decidedAt: moment('decided_at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('decisions_task_revision').on(t.taskId, t.revision),
    index('decisions_campaign').on(t.campaignId, t.taskId, t.revision),
    check('decisions_state', sql`${t.state} in (${oneOf(DECISION_STATES)})`),
    check('decisions_confidence', sql`${t.confidence} between 0 and 1`),
    check('decisions_label', sql`${t.state} not in ('decided', 'adjudicated') or ${t.label} is not null`),
  ],
);

/** Why decided tasks were opened again, for how many answers, and the most these may cost. */
export const taskReopenings = pgTable(
  'task_reopenings',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    number: smallint('number').notNull(),
    cause: text('cause', { enum: REOPENING_CAUSES }).notNull(),
    reason: text('reason').notNull(),
    /** A key's id, or what in the campaign itself it was. */
    by: text('by').notNull(),
    answers: smallint('answers').notNull(),
    reservedMicros: micros('reserved_micros').notNull(),
    /** Of `relabel`: the round that chose it in place of a new item, and what both were worth. */
    round: integer('round'),
    evidence: jsonb('evidence'),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.taskId, t.number] }),
    index('task_reopenings_round').on(t.round).where(sql`${t.round} is not null`),
    check('task_reopenings_cause', sql`${t.cause} in (${oneOf(REOPENING_CAUSES)})`),
    check('task_reopenings_answers', sql`${t.answers} > 0`),
  ],
);

/** What the workflow did that no other table shows: windows that ran out, escalations, rulings. */
export const taskEvents = pgTable(
  'task_events',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    seq: integer('seq').notNull(),
    at: moment('at').notNull(),
    kind: text('kind').notNull(),
    detail: text('detail').notNull(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.seq] })],
);

/** Experts' rulings. The workflow is told the id; the label stays here. */
export const rulings = pgTable(
  'rulings',
  {
    id: id(),
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    label: jsonb('label').notNull(),
    /** Who ruled: an annotator's id or the name of a requester's key. */
    ruledBy: text('ruled_by').notNull(),
    note: text('note'),
    createdAt: createdAt(),
  },
  (t) => [index('rulings_task').on(t.taskId)],
);
