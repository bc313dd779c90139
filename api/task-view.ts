import { z } from 'zod';
import type { Judgement } from '../db/judgement/judge.ts';
import type { DecisionRow, TaskHead, TaskStory } from '../db/queries/stories.ts';
import { DECISION_STATES, REOPENING_CAUSES, TASK_KINDS, TASK_STATES } from '../db/schema/states.ts';
import { confidenceWithout } from '../domain/aggregation/decide.ts';
import type { RoutedAnnotator, RoutingCandidate } from '../domain/routing.ts';
import { type RoutingCircumstances, routingReasons } from '../domain/routing-reasons.ts';
import { TIERS } from '../domain/tiers.ts';
import { microsSchema, moment, momentSchema, money, usdSchema } from './schemas.ts';

/** What answers come to. */
export const voteShape = {
  label: z.unknown(),
  confidence: z.number(),
  distribution: z.record(z.string(), z.number()),
  method: z.string().describe('What decides, such as crowd_model or weighted_vote'),
};

const decisionSchema = z.object({
  id: z.uuid(),
  revision: z.int(),
  state: z.enum(DECISION_STATES),
  label: z.unknown(),
  confidence: z.number(),
  method: z.string(),
  costUsd: usdSchema,
  costMicros: microsSchema,
  decidedAt: momentSchema,
});

const storySchema = z
  .object({
    workflowUrl: z
      .string()
      .nullable()
      .describe("The task's workflow in Temporal's pages, where it is known where they are"),
    payload: z.unknown(),
    gold: z.unknown().describe('The known answer, where there is one'),
    selection: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('Why the item was chosen: the strategy, its seed, the rank in the batch and the parts of the score'),
    assignments: z.array(
      z.object({
        id: z.uuid(),
        annotatorId: z.uuid(),
        annotator: z.string(),
        state: z.string(),
        priceUsd: usdSchema,
        priceMicros: microsSchema,
        leasedAt: momentSchema,
        expiresAt: momentSchema,
        closedAt: momentSchema.nullable(),
        note: z.string().nullable(),
        routing: z
          .object({
            score: z.number(),
            quality: z.number(),
            priority: z.number(),
            specialization: z.number(),
            why: z.string(),
          })
          .describe(
            'Why this task went to this annotator: the choice among campaigns as it was made, all else by what is known of both now',
          ),
      }),
    ),
    annotations: z.array(
      z.object({
        id: z.uuid(),
        assignmentId: z.uuid(),
        annotatorId: z.uuid(),
        annotator: z.string(),
        label: z.unknown(),
        presentation: z.unknown(),
        counted: z.boolean().describe('False for a late answer: kept, no part of the decision'),
        timeSpentS: z.number().nullable().describe('Seconds; null where nobody said, as of judges and many vendors'),
        confidence: z.number().nullable(),
        score: z.number().nullable().describe('The assessment, 0 to 1'),
        confidenceWithout: z
          .number()
          .nullable()
          .describe(
            'How probable the decided label would have been without this answer, where the crowd’s model decided and others are left',
          ),
        flags: z.array(z.string()),
        evidence: z.unknown().describe('The numbers behind the flags, by flag'),
        comment: z.string().nullable().describe('What the annotator wrote beside the answer'),
        priceUsd: usdSchema,
        priceMicros: microsSchema,
        payState: z.string(),
        submittedAt: momentSchema,
      }),
    ),
    judgement: z
      .object({
        ...voteShape,
        answers: z.array(
          z.object({
            annotationId: z.uuid(),
            weight: z.number().describe('What it weighs: 1 is an answer of plain weight'),
            share: z.number().describe('Of the weight of all answers'),
            confidenceWithout: z
              .number()
              .nullable()
              .describe('How sure the label would be without this answer, 0 to 1; null where weights alone decide'),
          }),
        ),
      })
      .nullable()
      .describe(
        'What the answers to a task that is open, or waits for a ruling, come to by what is known of the crowd now, as in `GET /v1/adjudications`; null where there are none, and of others',
      ),
    events: z.array(z.object({ at: momentSchema, kind: z.string(), detail: z.string() })),
    reopenings: z
      .array(
        z.object({
          number: z.int(),
          cause: z.enum(REOPENING_CAUSES),
          reason: z.string(),
          by: z.string(),
          answers: z.int(),
          evidence: z
            .unknown()
            .describe('Of `relabel`: what one more answer was worth here, and a new item in its place'),
          at: momentSchema,
        }),
      )
      .describe('Why it was opened again after a decision, and for how many answers more'),
    rulings: z.array(
      z.object({
        id: z.uuid(),
        label: z.unknown(),
        ruledBy: z.string(),
        ruledByName: z.string().describe('What they are called now'),
        note: z.string().nullable(),
        createdAt: momentSchema,
      }),
    ),
    revisions: z.array(decisionSchema.extend({ evidence: z.unknown() })).describe('Newest first, each with its record'),
    ledger: z.array(
      z.object({
        kind: z.string(),
        amountUsd: usdSchema,
        amountMicros: microsSchema,
        key: z.string(),
        annotatorId: z.uuid().nullable(),
        createdAt: momentSchema,
      }),
    ),
  })
  .describe('Everything that happened to the task, for requesters');

export const taskViewSchema = z.object({
  id: z.uuid(),
  campaignId: z.uuid(),
  key: z.string().describe("The item's key"),
  kind: z.enum(TASK_KINDS),
  state: z.enum(TASK_STATES),
  round: z.int(),
  redundancy: z.int(),
  priority: z.int(),
  tier: z.enum(TIERS),
  workforce: z.string(),
  domain: z.string().nullable(),
  group: z.string().nullable().describe('Items that belong together'),
  priceUsd: usdSchema,
  priceMicros: microsSchema,
  policyVersion: z.int(),
  instructionsVersion: z.int(),
  createdAt: momentSchema,
  closedAt: momentSchema.nullable(),
  decision: decisionSchema.nullable(),
  story: storySchema.optional(),
});

export const taskListSchema = z.object({
  id: z.uuid(),
  key: z.string(),
  kind: z.enum(TASK_KINDS),
  state: z.enum(TASK_STATES),
  round: z.int(),
  label: z.unknown(),
  confidence: z.number().nullable(),
  revision: z.int().nullable(),
  createdAt: momentSchema,
  waitingSince: momentSchema
    .nullable()
    .describe(
      'Since when it waits for answers or for a ruling: since it was opened last, later by each pause; null where it is settled',
    ),
});

type TaskView = z.output<typeof taskViewSchema>;

/** A task without its story. */
export function headView(head: TaskHead): Omit<TaskView, 'decision' | 'story'> {
  const { itemId: _, priceMicros, requiredTier, createdAt, closedAt, ...rest } = head;
  return {
    ...rest,
    tier: TIERS[requiredTier] ?? 'crowd',
    ...money('price', priceMicros),
    createdAt: moment(createdAt),
    closedAt: moment(closedAt),
  };
}

/** One revision of a decision. */
export function decisionView(row: DecisionRow): NonNullable<TaskView['decision']> {
  const { evidence: _, costMicros, decidedAt, ...rest } = row;
  return { ...rest, ...money('cost', costMicros), decidedAt: moment(decidedAt) };
}

type KnownAnnotator = RoutedAnnotator & { readonly id: string };

function withRouting<T extends KnownAnnotator>(
  { tier, qualityScore, specializations, ...rest }: T,
  task: RoutingCandidate,
  circumstances: RoutingCircumstances,
) {
  return { ...rest, routing: routingReasons({ tier, qualityScore, specializations }, task, circumstances) };
}

/** What answers come to, and what each of them counts. */
export function judgementView({ result, votes, evidence }: Judgement) {
  const { label, confidence, distribution, method } = result;
  const without = confidenceWithout(evidence);
  const total = votes.reduce((sum, { weight }) => sum + weight, 0);
  const answers = votes.map(({ annotationId, weight }) => ({
    ...{ annotationId, weight, share: total > 0 ? weight / total : 0 },
    confidenceWithout: without.get(annotationId) ?? null,
  }));
  return { label, confidence, distribution: { ...distribution }, method, answers };
}

export type GroupCounts = ReadonlyMap<string, { readonly leased: number; readonly most: number }>;

/** The whole story. */
export function storyView(
  story: TaskStory,
  decisions: readonly DecisionRow[],
  { id, priority, domain, group, requiredTier }: TaskHead,
  more: { temporalUi: string | undefined; groupCounts: GroupCounts; judgement: Judgement | undefined },
): z.output<typeof storySchema> {
  const { temporalUi, groupCounts, judgement } = more;
  const task = { priority, domain, requiredTier: TIERS[requiredTier] ?? 'crowd' };
  const groupOf = (annotatorId: string) => {
    const counts = groupCounts.get(annotatorId);
    return group !== null && counts ? { name: group, given: counts.leased, most: counts.most } : undefined;
  };
  // A ruling says nothing of what the answers came to.
  const [newest] = decisions;
  const without = confidenceWithout(newest?.state === 'adjudicated' ? null : newest?.evidence);
  return {
    workflowUrl: temporalUi === undefined ? null : `${temporalUi}/workflows/task-${id}`,
    payload: story.payload,
    gold: story.gold,
    selection: story.selection,
    assignments: story.assignments.map(({ priceMicros, leasedAt, expiresAt, closedAt, chosen, ...known }) => ({
      ...withRouting(known, task, { chosen, group: groupOf(known.annotatorId) }),
      ...money('price', priceMicros),
      leasedAt: moment(leasedAt),
      expiresAt: moment(expiresAt),
      closedAt: moment(closedAt),
    })),
    annotations: story.annotations.map(({ priceMicros, submittedAt, ...rest }) => ({
      ...rest,
      confidenceWithout: without.get(rest.id) ?? null,
      ...money('price', priceMicros),
      submittedAt: moment(submittedAt),
    })),
    judgement: judgement && judgement.votes.length > 0 ? judgementView(judgement) : null,
    events: story.events.map((event) => ({ ...event, at: moment(event.at) })),
    reopenings: story.reopenings.map((each) => ({ ...each, at: moment(each.at) })),
    rulings: story.rulings.map((ruling) => ({ ...ruling, createdAt: moment(ruling.createdAt) })),
    revisions: decisions.map((row) => ({ ...decisionView(row), evidence: row.evidence })),
    ledger: story.ledger.map(({ amountMicros, createdAt, ...rest }) => ({
      ...rest,
      ...money('amount', amountMicros),
      createdAt: moment(createdAt),
    })),
  };
}
