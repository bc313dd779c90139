import type { Strategy } from './selection.ts';

/** Which look at a campaign's pool is asked for. */
export interface PreviewRequest {
  readonly campaignId: string;
  /** By default the campaign's own. */
  readonly strategy?: Strategy;
  readonly count: number;
}

/** What would be chosen next, best first: ids and numbers alone, what the items show stays in the database. */
export interface SelectionPreview {
  readonly strategy: Strategy;
  /** The round that would choose them. */
  readonly round: number;
  readonly chosen: readonly { readonly itemId: string; readonly selection: Readonly<Record<string, unknown>> }[];
}
