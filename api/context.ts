import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Db } from '../db/client.ts';
import type { RelayBell } from '../db/relay-bell.ts';
import type { BoundedMap } from '../domain/bounded-map.ts';
import type { Principals } from './auth.ts';
import type { CampaignCache } from './campaign-cache.ts';
import type { CampaignViews } from './campaign-view.ts';
import type { Metrics } from './metrics.ts';
import type { TaskChooser } from './next-task.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import type { KnownAssignment, SubmissionQueue } from './submissions.ts';
import type { WorkflowDoor } from './workflow-door.ts';

/** What the routes work with. */
export interface Context {
  readonly db: Db;
  readonly signIn: SignIn;
  readonly principals: Principals;
  readonly submissions: SubmissionQueue;
  readonly workflows: WorkflowDoor;
  readonly campaigns: CampaignCache;
  readonly views: CampaignViews;
  readonly chooser: TaskChooser;
  /** Leases given by this process lately, by assignment id, so that an answer need not look them up. */
  readonly recentLeases: BoundedMap<string, KnownAssignment>;
  readonly bell: RelayBell;
  readonly metrics: Metrics;
  /** Messages to workflows that wait for delivery, as of a second ago at most. */
  readonly backlog: () => Promise<{ waiting: number; oldestS: number }>;
  readonly random: () => number;
  readonly now: () => Date;
  readonly readWebhook: WebhookReader;
  /** Where workflows are in Temporal's own pages; undefined where nobody said. */
  readonly temporalUi: string | undefined;
  readonly limits: BodyLimits;
  /** Aborts when the server begins to close; long-lived answers end then. */
  readonly closing: AbortSignal;
}

/** Reads what a vendor sent: what it mentions, or undefined when it is not to be believed. */
export type WebhookReader = (
  vendor: string,
  request: {
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: Uint8Array;
    readonly nowMs: number;
    readonly path?: string;
  },
) => { readonly eventKey: string; readonly mentions: readonly string[] } | undefined;

export interface BodyLimits {
  /** How long a body may take that is not read as a stream. */
  readonly bodyMs: number;
  /** Of a JSON request. */
  readonly requestBytes: number;
  /** Of an import sent as one JSON array, which is held in memory. */
  readonly arrayBytes: number;
  /** Of one line or CSV record of an import. */
  readonly lineBytes: number;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
