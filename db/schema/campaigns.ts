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
import type { LeftOut } from '../../domain/learning/evaluation-slice.ts';
import type { LearningLine } from '../../domain/learning/learning-line.ts';
import { annotators } from './annotators.ts';
import { bytes, createdAt, id, micros, moment, oneOf } from './columns.ts';
import { organisationId } from './organisations.ts';
import { CAMPAIGN_STATES, MEASURED_ON, ROUND_STATES } from './states.ts';

export const campaigns = pgTable(
  'campaigns',
  {
    id: id(),
    organisationId: organisationId(),
    name: text('name').notNull(),
    state: text('state', { enum: CAMPAIGN_STATES }).notNull().default('draft'),
    /** Parsed by `domain/settings.ts`; what holds for decisions from now on. */
    settings: jsonb('settings').notNull(),
    /** Counts the changes of settings; every decision cites the one it was made under. */
    policyVersion: integer('policy_version').notNull().default(1),
    instructionsVersion: integer('instructions_version').notNull().default(1),
    /** Pay of a focused hour; null: each answer pays its price. A column of its own, as every submission reads it. */
    hourlyMicros: micros('hourly_micros').generatedAlwaysAs(sql`(settings ->> 'hourlyMicros')::bigint`),
    stopReason: text('stop_reason'),
    /** Labels come from a simulated crowd; pages and reports must say so. */
    simulated: boolean('simulated').notNull().default(false),
    startedAt: moment('started_at'),
    pausedAt: moment('paused_at'),
    endedAt: moment('ended_at'),
    createdAt: createdAt(),
  },
  (t) => [
    check('campaigns_state', sql`${t.state} in (${oneOf(CAMPAIGN_STATES)})`),
    check('campaigns_paused_at', sql`(${t.state} = 'paused') = (${t.pausedAt} is not null)`),
    index('campaigns_organisation').on(t.organisationId, t.id),
    index('campaigns_running').on(t.createdAt).where(sql`${t.state} = 'running'`),
  ],
);

/** Every settings a campaign ever had, so that an old decision can be explained and recomputed. */
export const policies = pgTable(
  'policies',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    version: integer('version').notNull(),
    settings: jsonb('settings').notNull(),
    /** Pay of an hour of work; null where answers have a price. By itself, as settings may be long. */
    hourlyMicros: micros('hourly_micros').generatedAlwaysAs(sql`(settings ->> 'hourlyMicros')::bigint`),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.version] })],
);

/** Every instructions a campaign ever had; tasks and decisions cite the version they were chosen under. */
export const instructionVersions = pgTable(
  'instruction_versions',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    version: integer('version').notNull(),
    instructions: text('instructions').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.version] })],
);

/** Each time low agreement paused a campaign: what was seen, from the pause until it was resumed. */
export const qualityReports = pgTable(
  'quality_reports',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    alpha: doublePrecision('alpha').notNull(),
    /** As `domain/quality/report.ts` has it, with the comments of the annotators. */
    report: jsonb('report').notNull(),
    openedAt: moment('opened_at').notNull().default(sql`now()`),
    closedAt: moment('closed_at'),
  },
  (t) => [
    uniqueIndex('quality_reports_open').on(t.campaignId).where(sql`${t.closedAt} is null`),
    index('quality_reports_campaign').on(t.campaignId, t.id),
  ],
);

/** One turn of a campaign: the batch that was chosen, why, and how well the model fitted after it. */
export const rounds = pgTable(
  'rounds',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    round: integer('round').notNull(),
    state: text('state', { enum: ROUND_STATES }).notNull(),
    strategy: text('strategy').notNull(),
    seed: text('seed').notNull(),
    /** SHA-256 of all that the choice was made from; null in rounds from before it was kept. */
    selectionDigest: text('selection_digest'),
    taskCount: integer('task_count').notNull(),
    reservedMicros: micros('reserved_micros').notNull(),
    /** Decided tasks the model was fitted on; null before the fit. */
    trainedOn: integer('trained_on'),
    /** All labels there were then: of very many the model is fitted on a sample. Null before the fit, and in earlier ones. */
    labels: integer('labels'),
    /** Share of held-out items the model labels right, and which: the model never trains on them. */
    heldOutOn: text('held_out_on', { enum: MEASURED_ON }),
    heldOutAccuracy: doublePrecision('held_out_accuracy'),
    heldOutLow: doublePrecision('held_out_low'),
    heldOutHigh: doublePrecision('held_out_high'),
    heldOutCount: integer('held_out_count'),
    /** What is settled of it and was not measured on, by why; null in rounds from before that was told. */
    heldOutLeftOut: jsonb('held_out_left_out').$type<LeftOut>(),
    /** How the error of its model fell with its labels, measured on the same; null where that cannot be told. */
    learningLine: jsonb('learning_line').$type<LearningLine>(),
    spentMicros: micros('spent_micros'),
    selectedAt: moment('selected_at').notNull().default(sql`now()`),
    fittedAt: moment('fitted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.round] }),
    check('rounds_held_out_on', sql`${t.heldOutOn} in (${oneOf(MEASURED_ON)})`),
    check('rounds_state', sql`${t.state} in (${oneOf(ROUND_STATES)})`),
  ],
);

/** The fitted models of a campaign's last rounds; the newest of them chooses. */
export const models = pgTable(
  'models',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    /** The last round that had been chosen when it was fitted. */
    round: integer('round').notNull(),
    model: bytes('model').notNull(),
    /** The version of the campaign's space whose columns it speaks of. */
    spaceVersion: integer('space_version').notNull().default(1),
    fittedAt: moment('fitted_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.round] })],
);

/**
 * What the choice of a round was made from, of the last rounds: beside the model of `modelRound`, the space, and what items
 * show, all that is needed to make it again. Ids are 16 bytes each, in their order.
 */
export const selections = pgTable(
  'selections',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    round: integer('round').notNull(),
    /** How it was made in the end: by chance where vectors could not be had. */
    strategy: text('strategy').notNull(),
    /** How many items were wanted. */
    wanted: integer('wanted').notNull(),
    candidates: bytes('candidates').notNull(),
    /** Items chosen before, which the batch keeps its distance from. */
    reference: bytes('reference').notNull(),
    /** What a model of the requester's own said of the candidates, as 32-bit floats. */
    probabilities: bytes('probabilities'),
    modelRound: integer('model_round'),
    spaceVersion: integer('space_version'),
    /** Why the model or vectors had no part in it. */
    note: text('note'),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.round] })],
);

/**
 * How the texts of a campaign become numbers, learnt at the first selection and anew when the campaign has grown to four
 * times the items: a version never changes, as the models that were fitted in it speak of its columns.
 */
export const featureSpaces = pgTable(
  'feature_spaces',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    version: integer('version').notNull().default(1),
    /** Inverse document frequency by hashed column, of campaigns from before spaces were learnt. */
    idf: bytes('idf'),
    /** See `domain/learning/text-space-bytes.ts`. */
    space: bytes('space'),
    fittedOn: integer('fitted_on').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.version] })],
);

/** What is known of a campaign's crowd: the part that all its annotators share. See `domain/aggregation/crowd/live-model.ts`. */
export const crowdModels = pgTable('crowd_models', {
  campaignId: uuid('campaign_id')
    .primaryKey()
    .references(() => campaigns.id),
  /** Counts the fits; an annotator's table counts only beside the shared part of the same fit. */
  version: integer('version').notNull(),
  shared: jsonb('shared').notNull(),
  /** Answers it was fitted on. */
  fittedOn: integer('fitted_on').notNull(),
  fittedAt: moment('fitted_at').notNull().default(sql`now()`),
});

/** How likely each answer of an annotator is, by what is true: ln P, row by row. */
export const crowdAnnotators = pgTable(
  'crowd_annotators',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    version: integer('version').notNull(),
    logAnswer: doublePrecision('log_answer').array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.annotatorId] })],
);

/** How reliable a campaign's annotators are, for labels that are no fixed choices. See `domain/aggregation/reliability`. */
export const reliabilityModels = pgTable('reliability_models', {
  campaignId: uuid('campaign_id')
    .primaryKey()
    .references(() => campaigns.id),
  /** Counts the fits; an annotator's row counts only beside the one of the same fit. */
  version: integer('version').notNull(),
  /** What an annotator without a row is taken for. */
  crowd: doublePrecision('crowd').notNull(),
  /** How alike labels of different tasks are, 0 to 1; null in models from before it was kept. */
  chance: doublePrecision('chance'),
  /** By criterion of a scale, the variance of answers to one item; null for labels that are no scores. */
  variance: jsonb('variance'),
  /** Answers it was fitted on. */
  fittedOn: integer('fitted_on').notNull(),
  fittedAt: moment('fitted_at').notNull().default(sql`now()`),
});

export const annotatorReliabilities = pgTable(
  'annotator_reliabilities',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    version: integer('version').notNull(),
    reliability: doublePrecision('reliability').notNull(),
    /** By criterion of a scale, how much higher than the crowd's their scores are; null for labels that are no scores. */
    leniency: jsonb('leniency'),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.annotatorId] }),
    check('annotator_reliabilities_range', sql`${t.reliability} between 0 and 1`),
  ],
);

/** Pairs of a campaign's annotators who are no two voices, as of the newest fit. See `domain/aggregation/reliability/correlated-pairs.ts`. */
export const annotatorCorrelations = pgTable(
  'annotator_correlations',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    otherId: uuid('other_id')
      .notNull()
      .references(() => annotators.id),
    /** 0: independent, 1: the second answer adds nothing to the first. */
    correlation: doublePrecision('correlation').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.annotatorId, t.otherId] }),
    check('annotator_correlations_range', sql`${t.correlation} between 0 and 1`),
  ],
);
