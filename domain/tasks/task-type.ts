import type { z } from 'zod';
import type { Evidence, Usual } from '../aggregation/certainty.ts';

/** Names of the task types there are; a new type adds its name here and itself to the registry in `index.ts`. */
export const TASK_TYPE_NAMES = [
  'classification',
  'pairwise',
  'likert',
  'preference_ranking',
  'span',
  'free_text',
  'dialog',
] as const;

export type TaskTypeName = (typeof TASK_TYPE_NAMES)[number];

/** How labels relate: names only, an order, or numbers; it chooses the agreement coefficient. */
export type MeasurementLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio';

/** `distance`: labels are neither names nor numbers, and the type's own distance is all there is to compare them by. */
export type AgreementLevel = MeasurementLevel | 'distance';

/** One annotator's label with the weight it has in the decision (a quality score by default). */
export interface WeightedVote<Label> {
  readonly annotationId: string;
  readonly label: Label;
  readonly weight: number;
  /** By scale, how much higher than the crowd's its annotator's scores are, where that is known. */
  readonly leniency?: Readonly<Record<string, number>>;
}

/** The method of a label that an expert ruled. */
const RULING = 'adjudication';

/** Whether a label is an expert's ruling, of which the votes' numbers say nothing. */
export const isRuling = (method: string): boolean => method === RULING;

/** What the votes on one task come to. */
export interface Aggregate<Label> {
  /** The decided label; null where there were no votes. */
  readonly label: Label | null;
  /** 0 to 1: of a decision how probable it is that the label is right, of a type's own rule how near the votes are to it. */
  readonly confidence: number;
  /**
   * Share of weight by choice; sums to one (for several criteria: within each criterion). For spans and sets of
   * labels it is the share behind each one, for rankings the share of each answer's first places.
   */
  readonly distribution: Record<string, number>;
  readonly method: string;
  /** How many votes were counted. */
  readonly n: number;
  /** Further numbers, e.g. `tie` = 1 when the winner had to be drawn among equals. */
  readonly stats?: Record<string, number>;
}

export interface Certainty {
  readonly confidence: number;
  readonly parts?: Readonly<Record<string, number>>;
}

/** How active learning sees the labels of a task type. */
export type ModelTarget =
  /** With a separator the classes are a tree, as `pathOf` reads it. */
  | { readonly kind: 'classes'; readonly classes: string[]; readonly separator?: string }
  | { readonly kind: 'scalar'; readonly min: number; readonly max: number }
  | { readonly kind: 'pair' }
  /** Several answers to put in order; `tolerance` is the largest distance from people's order at which the model's is right. */
  | { readonly kind: 'ranking'; readonly tolerance: number }
  /** The model learns nothing from such labels; the items' features still serve to choose diverse batches. */
  | { readonly kind: 'none' };

/** What one annotator is shown, and the order that `undo` needs (stored with the assignment; '' when there is none). */
export interface Presentation<Payload> {
  readonly payload: Payload;
  readonly order: string;
}

/**
 * Everything about one type of task. Config is what the requester sets for a campaign, Payload what one item shows,
 * Label what an annotator answers, in its normal form. Members are methods on purpose: that lets a
 * `TaskType<C, P, L>` be used as an `AnyTaskType`, whose inputs have been through the type's own schemas.
 */
export interface TaskType<Config, Payload, Label> {
  readonly name: TaskTypeName;
  readonly title: string;
  /** Usual seconds for one annotation: the basis of default prices. */
  readonly defaultSeconds: number;
  readonly agreementLevel: AgreementLevel;
  readonly configSchema: z.ZodType<Config>;
  readonly payloadSchema: z.ZodType<Payload>;
  /** Whether labels can be checked fully only against the item they answer (`labelSchema` with its payload). */
  readonly labelReadsPayload?: true;
  /** Whether the item has a part in deciding (`aggregate` with its payload), so that a decision's record keeps it. */
  readonly aggregateReadsPayload?: true;
  /**
   * Reads a submitted label into its normal form, or says what is wrong and what is allowed. Without the payload of
   * its item it checks only what can be told without.
   */
  labelSchema(config: Config, payload?: Payload): z.ZodType<Label>;
  /** Equal labels have equal text, different labels different text. */
  canonical(label: Label): string;
  /** 0 for equal labels to 1 for the farthest apart; symmetric. */
  distance(a: Label, b: Label, config: Config): number;
  /** The same `distance`, keeping what it prepares of a label: for comparing the same labels many times. */
  comparing?(config: Config): { distance(a: Label, b: Label): number };
  /** Whether two decided labels say the same; without this method, if both have the same canonical text. */
  same?(a: Label, b: Label, config: Config): boolean;
  /** Whether an answer counts as right beside a known one; without this method, if both have the same canonical text. */
  matches?(label: Label, known: Label, config: Config): boolean;
  /**
   * All labels there can be, where they are few, fixed and decided by vote: tasks are then decided by the crowd's model.
   * `key` names the choice in distributions. Undefined for configurations where that is not so.
   */
  choices?(config: Config): readonly { readonly key: string; readonly label: Label }[] | undefined;
  /**
   * Deterministic: the same votes in any order give the same result to the byte. `rules`: those of an older record, by
   * which it is recomputed (`RECORD_VERSION`); the present ones where absent.
   */
  aggregate(votes: readonly WeightedVote<Label>[], config: Config, payload?: Payload, rules?: number): Aggregate<Label>;
  /** How near an answer is to the decided label, from 1 to 0; without this method 1 - `distance`. */
  nearness?(label: Label, decided: Label, config: Config): number;
  /**
   * The probability that what these answers come to is right, for types of which nearness says too little; `parts` are
   * further numbers for `stats`. Without this method, `certaintyOf`.
   */
  certainty?(answers: readonly Evidence<Label>[], decided: Label, given: { config: Config; usual: Usual }): Certainty;
  /** The label as numbers by name, for types that measure on numeric scales: agreement is then taken per scale. */
  scales?(label: Label, config: Config): Record<string, number>;
  /** The label with each score lowered by what `by` says, within the scale; for types whose `scales` are all there is to a label. */
  shifted?(label: Label, by: Readonly<Record<string, number>>, config: Config): Label;
  /** What one annotator sees: only the fields the form shows, in an order drawn from `seed`. */
  present?(payload: Payload, seed: string | number): Presentation<Payload>;
  /** Maps a label given on the shown order back to the stored order. */
  undo?(label: Label, order: string): Label;
  /** Maps a label in the stored order to the order that was shown: what `undo` takes back. */
  redo?(label: Label, order: string): Label;
  /** One line of a training-ready export. */
  exportRecord(payload: Payload, aggregate: Aggregate<Label>, config: Config): Record<string, unknown>;
  modelTarget(config: Config): ModelTarget;
  /**
   * The label as the model's target: a class, a number, for pairs 1 (a), 0 (b), 0.5 (tie), for rankings the ranks as JSON;
   * null teaches nothing.
   */
  modelLabel(label: Label, config: Config): string | number | null;
  /** The text that the model reads, or the text of each answer. */
  features(payload: Payload): string | readonly string[];
}

/** A task type whose config, payloads and labels are known only to itself. */
export type AnyTaskType = TaskType<unknown, unknown, unknown>;
