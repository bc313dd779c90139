/** Every state a row can be in. The database checks each list; TypeScript derives its unions from it. */
export const CAMPAIGN_STATES = ['draft', 'running', 'paused', 'stopping', 'finished', 'stopped'] as const;
/** `model`: labelled by the campaign's model, and no work for anybody. */
export const ITEM_STATES = ['pool', 'selected', 'gold', 'honeypot', 'repeat', 'model'] as const;
export const TASK_KINDS = ['work', 'gold', 'honeypot', 'repeat'] as const;
/** What a task's label is for: to teach the model, or to measure it, which it then never learns from. */
export const TASK_PURPOSES = ['training', 'evaluation'] as const;
export type TaskPurpose = (typeof TASK_PURPOSES)[number];
/** What a model was measured on: the random slice of the pool, or gold. */
export const MEASURED_ON = ['slice', 'gold'] as const;
export const TASK_STATES = [
  'planned',
  'open',
  'adjudicating',
  'decided',
  'adjudicated',
  'unresolved',
  'cancelled',
] as const;
export const SLOT_STATES = ['open', 'leased', 'submitted', 'closed'] as const;
export const ASSIGNMENT_STATES = ['leased', 'submitted', 'late', 'expired', 'released', 'skipped', 'revoked'] as const;
export const DECISION_STATES = ['decided', 'adjudicated', 'unresolved', 'cancelled'] as const;
export const STANDINGS = ['active', 'recalibrating', 'suspended'] as const;
export const ANNOTATOR_KINDS = ['person', 'vendor', 'llm'] as const;
export const TIER_NAMES = ['crowd', 'trained', 'expert', 'domain_specialist'] as const;
export const AUTHORIZATION_STATES = ['open', 'closed'] as const;
export const LIMIT_SCOPES = ['organisation', 'workforce', 'hedge'] as const;
export const CAP_SCOPES = ['campaign', ...LIMIT_SCOPES] as const;
export const REACHED_BY = ['spent', 'committed'] as const;
export const PAY_STATES = ['pending', 'paid', 'unpaid_by_policy', 'owed'] as const;
export const ROUND_STATES = ['selected', 'fitted'] as const;
export const APPEAL_STATES = ['open', 'upheld', 'rejected'] as const;
export const CALIBRATION_REASONS = ['recalibration', 'qualification'] as const;
export const CALIBRATION_STATES = ['open', 'passed', 'failed'] as const;
export const CALIBRATION_PARTS = ['example', 'question'] as const;
export const ROLES = ['owner', 'requester', 'reviewer', 'viewer', 'annotator'] as const;
/** `relabel`: one more answer was worth more there than a new item. */
export const REOPENING_CAUSES = ['quarantine', 'instructions', 'judge', 'relabel', 'vendor', 'appeal'] as const;
export const TRUSTS = ['learning', 'trusted', 'distrusted'] as const;
export const DISTRUST_CAUSES = ['worse', 'fell', 'replaced'] as const;
export const OUTBOX_KINDS = [
  'start_task',
  'start_campaign',
  'signal_task',
  'signal_campaign',
  'signal_annotator',
  'late_answer',
  'signal_order',
  'signal_payout',
] as const;
export const UNIT_STATES = ['waiting', 'ordered', 'complete', 'cancelled', 'failed'] as const;
export const ORDER_STATES = ['intent', 'submitting', 'placed', 'closed', 'failed', 'ambiguous'] as const;
export const RESPONSE_STATES = ['waiting', 'counted', 'late', 'invalid', 'repeated', 'amended', 'recalled'] as const;
export const ADJUSTMENT_KINDS = ['bonus', 'deduction'] as const;
export const ADJUSTMENT_STATES = ['proposed', 'applied', 'dismissed'] as const;
export const PAYOUT_RUN_STATES = ['collecting', 'frozen', 'approved', 'exported', 'closed', 'cancelled'] as const;
export const PAYOUT_ITEM_STATES = ['frozen', 'sent', 'paid', 'failed', 'ambiguous', 'cancelled'] as const;
export const PAYOUT_ACTS = ['begun', 'approved', 'cancelled', 'reported', 'resolved'] as const;
/** What a vendor has said of an answer that it shall pay its worker for. */
export const PAYOUT_ENTRY_OUTCOMES = ['accepted', 'refused'] as const;

export type CampaignState = (typeof CAMPAIGN_STATES)[number];
export type AnnotatorKind = (typeof ANNOTATOR_KINDS)[number];
export type TaskState = (typeof TASK_STATES)[number];
export type DecisionState = (typeof DECISION_STATES)[number];
export type ReopeningCause = (typeof REOPENING_CAUSES)[number];
export type AppealState = (typeof APPEAL_STATES)[number];
export type CalibrationState = (typeof CALIBRATION_STATES)[number];
export type TaskKind = (typeof TASK_KINDS)[number];
export type Role = (typeof ROLES)[number];
export type UnitState = (typeof UNIT_STATES)[number];
export type OrderState = (typeof ORDER_STATES)[number];
export type ResponseState = (typeof RESPONSE_STATES)[number];
/** Of answers that were not taken in. */
export const UNCOUNTED_STATES: ReadonlySet<string> = new Set<ResponseState>(['invalid', 'repeated']);
export type AdjustmentState = (typeof ADJUSTMENT_STATES)[number];
export type PayoutRunState = (typeof PAYOUT_RUN_STATES)[number];
export type PayoutAct = (typeof PAYOUT_ACTS)[number];
export type PayoutItemState = (typeof PAYOUT_ITEM_STATES)[number];
export type OutboxKind = (typeof OUTBOX_KINDS)[number];
