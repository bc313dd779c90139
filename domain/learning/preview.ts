import type { StrategyName } from './strategy-names.ts';

/** Which look at a campaign's pool is asked for. */
export interface PreviewRequest {
  readonly campaignId: string;
  /** By default the campaign's own. */
  readonly strategy?: StrategyName;
  readonly count: number;
  /** A round that was chosen before: its choice is made again, from what is stored of it. */
  readonly round?: number;
}

/** What would be chosen next, best first: ids and numbers alone, what the items show stays in the database. */
export interface SelectionPreview {
  readonly strategy: StrategyName;
  /** The round that would choose them. */
  readonly round: number;
  readonly chosen: readonly { readonly itemId: string; readonly selection: Readonly<Record<string, unknown>> }[];
  /** Of a choice made again: how many tasks the round has, and how many of them came out the same, score by score. */
  readonly again?: { readonly tasks: number; readonly same: number };
}
