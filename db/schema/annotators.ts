import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { createdAt, id, moment, oneOf } from './columns.ts';
import { organisationId } from './organisations.ts';
import { ANNOTATOR_KINDS, ROLES, STANDINGS, TIER_NAMES } from './states.ts';

export const annotators = pgTable(
  'annotators',
  {
    id: id(),
    organisationId: organisationId(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ANNOTATOR_KINDS }).notNull().default('person'),
    workforce: text('workforce').notNull().default('internal'),
    tier: text('tier', { enum: TIER_NAMES }).notNull().default('crowd'),
    specializations: text('specializations').array().notNull().default(sql`'{}'`),
    /** Languages they work in, as BCP 47 tags; asked for by campaigns that are in one. */
    languages: text('languages').array().notNull().default(sql`'{}'`),
    /** Where they work, ISO 3166-1 alpha-2; the least pay of an hour goes by it. */
    region: text('region'),
    /** Where they say that they work, until an owner has confirmed it: the floor there is higher. */
    regionAsked: text('region_asked'),
    standing: text('standing', { enum: STANDINGS }).notNull().default('active'),
    standingReason: text('standing_reason'),
    /** Recalibrating because it was time, and not because of answers. */
    routineCheck: boolean('routine_check').notNull().default(false),
    /** Posterior mean of accuracy on recent gold; 0.5 before any. Weighs votes and routing. */
    qualityScore: doublePrecision('quality_score').notNull().default(0.5),
    goldTotal: integer('gold_total').notNull().default(0),
    goldCorrect: integer('gold_correct').notNull().default(0),
    simulated: boolean('simulated').notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    check('annotators_kind', sql`${t.kind} in (${oneOf(ANNOTATOR_KINDS)})`),
    check('annotators_tier', sql`${t.tier} in (${oneOf(TIER_NAMES)})`),
    check('annotators_standing', sql`${t.standing} in (${oneOf(STANDINGS)})`),
    check('annotators_region', sql`${t.region} ~ '^[A-Z]{2}$'`),
    check('annotators_region_asked', sql`${t.regionAsked} ~ '^[A-Z]{2}$'`),
    index('annotators_region_asked').on(t.organisationId, t.id).where(sql`${t.regionAsked} is not null`),
    check('annotators_quality_score', sql`${t.qualityScore} between 0 and 1`),
    check('annotators_gold', sql`${t.goldCorrect} between 0 and ${t.goldTotal}`),
    index('annotators_organisation').on(t.organisationId, t.id),
    index('annotators_eligible').on(t.workforce, t.tier).where(sql`${t.standing} <> 'suspended'`),
  ],
);

/** Standing by task type: the newest golds of that type, and what follows from them. */
export const annotatorStandings = pgTable(
  'annotator_standings',
  {
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    taskType: text('task_type').notNull(),
    standing: text('standing', { enum: STANDINGS }).notNull(),
    standingReason: text('standing_reason'),
    /** Recalibrating because it was time, and not because of answers. */
    routineCheck: boolean('routine_check').notNull().default(false),
    /** Golds that the standing is judged by, and how many of them were right. */
    recentGolds: integer('recent_golds').notNull(),
    recentCorrect: integer('recent_correct').notNull(),
    goldTotal: integer('gold_total').notNull(),
    goldCorrect: integer('gold_correct').notNull(),
    /** Posterior mean of accuracy at this type; weighs votes on its tasks. */
    qualityScore: doublePrecision('quality_score').notNull(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.annotatorId, t.taskType] }),
    check('annotator_standings_standing', sql`${t.standing} in (${oneOf(STANDINGS)})`),
    check('annotator_standings_score', sql`${t.qualityScore} between 0 and 1`),
    check(
      'annotator_standings_golds',
      sql`${t.recentCorrect} between 0 and ${t.recentGolds} and ${t.goldCorrect} between 0 and ${t.goldTotal}`,
    ),
  ],
);

/** Why each standing changed; nothing is overwritten. */
export const standingChanges = pgTable(
  'standing_changes',
  {
    id: id(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    /** Null for the standing as a whole. */
    taskType: text('task_type'),
    /** Makes the recording activity idempotent. */
    key: text('key').notNull(),
    fromStanding: text('from_standing', { enum: STANDINGS }).notNull(),
    toStanding: text('to_standing', { enum: STANDINGS }).notNull(),
    reason: text('reason').notNull(),
    evidence: jsonb('evidence').notNull(),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('standing_changes_key').on(t.key),
    index('standing_changes_annotator').on(t.annotatorId, t.at),
    check('standing_changes_from', sql`${t.fromStanding} in (${oneOf(STANDINGS)})`),
    check('standing_changes_to', sql`${t.toStanding} in (${oneOf(STANDINGS)})`),
  ],
);

/** Keys are 256 random bits, so a plain SHA-256 at rest cannot be guessed back. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    organisationId: organisationId(),
    hash: text('hash').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    annotatorId: uuid('annotator_id').references(() => annotators.id),
    name: text('name').notNull(),
    /** The permissions the key is limited to; null: all of its role. */
    scopes: text('scopes').array(),
    /** The person behind who made the key; null where nobody did: the key then stands for a person of its own. */
    madeBy: text('made_by'),
    createdAt: createdAt(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    uniqueIndex('api_keys_hash').on(t.hash),
    index('api_keys_organisation').on(t.organisationId, t.id),
    check('api_keys_role', sql`${t.role} in (${oneOf(ROLES)})`),
    check('api_keys_annotator', sql`(${t.role} = 'annotator') = (${t.annotatorId} is not null)`),
  ],
);
