import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Db } from '../db/client.ts';
import { outboxBacklog } from '../db/queries/outbox.ts';
import { createRelayBell } from '../db/relay-bell.ts';
import { within } from '../db/within.ts';
import { BoundedMap } from '../domain/bounded-map.ts';
import { QuorateError } from '../domain/failures.ts';
import { type Permission, ROUTES } from './access.ts';
import { Principals, rolesOf } from './auth.ts';
import { CampaignCache } from './campaign-cache.ts';
import { CampaignViews } from './campaign-view.ts';
import { closePromptly } from './closing.ts';
import type { App, BodyLimits, Context, WebhookReader } from './context.ts';
import { honourIdempotencyKeys } from './idempotency.ts';
import { readJsonBodies } from './json-body.ts';
import { createMetrics, timeRequests } from './metrics.ts';
import { TaskChooser } from './next-task.ts';
import { describeRoutes } from './openapi.ts';
import { keepOrganisationsApart } from './ownership.ts';
import { asksForPage, servePages } from './pages.ts';
import { answerError, answerUnroutable, inputError, nameOfOne, notFound } from './problems.ts';
import { adjudicationRoutes } from './routes/adjudication.ts';
import { annotatorRoutes } from './routes/annotators.ts';
import { appealRoutes } from './routes/appeals.ts';
import { assignmentRoutes } from './routes/assignments.ts';
import { budgetRoutes } from './routes/budget.ts';
import { calibrationRoutes } from './routes/calibrations.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { costRoutes } from './routes/cost.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { earningsRoutes } from './routes/earnings.ts';
import { eventRoutes } from './routes/events.ts';
import { exportRoutes } from './routes/exports.ts';
import { healthRoutes } from './routes/health.ts';
import { heldRoutes } from './routes/held.ts';
import { instructionRoutes } from './routes/instructions.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { itemRoutes } from './routes/items.ts';
import { judgeRoutes } from './routes/judges.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { meRoutes } from './routes/me.ts';
import { organisationRoutes } from './routes/organisations.ts';
import { ownWorkRoutes } from './routes/own-work.ts';
import { payRoutes } from './routes/pay.ts';
import { payoutRoutes } from './routes/payouts.ts';
import { peopleRoutes } from './routes/people.ts';
import { planRoutes } from './routes/plan.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { promotionRoutes } from './routes/promotions.ts';
import { qualityRoutes } from './routes/quality.ts';
import { quarantineRoutes } from './routes/quarantine.ts';
import { selectionPreviewRoutes } from './routes/selection-preview.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { taskRoutes } from './routes/tasks.ts';
import { vendorRoutes } from './routes/vendors.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import { logMailer } from './sign-in/mail.ts';
import { createSignIn, type SignInOptions } from './sign-in/sign-in.ts';
import { createSubmissionQueue } from './submissions.ts';
import { TimedCache } from './timed-cache.ts';
import { createWorkflowDoor, type WorkflowClientLike } from './workflow-door.ts';

export interface AppDependencies {
  readonly db: Db;
  /** Where leases are taken and answers stored: pools with settings of their own; by default `db`. */
  readonly leaseDb?: Db;
  readonly answerDb?: Db;
  readonly temporal: WorkflowClientLike;
  /** By default sessions of this process alone, on a local address, with mail in the log. */
  readonly signIn?: Partial<SignInOptions>;
  /** Uniform in [0, 1): draws gold tasks and the places of items in the pool. */
  readonly random?: () => number;
  readonly now?: () => Date;
  readonly log?: FastifyBaseLogger | FastifyServerOptions['logger'];
  /** Folder of static pages, served under /. */
  readonly webRoot?: string;
  readonly bodyLimits?: Partial<BodyLimits>;
  readonly registry?: Registry;
  /** Checks vendors' webhooks; by default none is believed. */
  readonly readWebhook?: WebhookReader;
  /** Where a namespace's workflows are in Temporal's own pages, such as http://host/namespaces/default. */
  readonly temporalUi?: string;
  /** How many proxies stand before this server, or their networks; by default none, and nobody is believed. */
  readonly trustProxy?: number | string[];
  /** How long a workflow may take to answer an update. */
  readonly updateDeadlineMs?: number;
}

const MIB = 1024 * 1024;
const MAX_RECENT_LEASES = 20_000;
/** Who asks how the service is doing waits no longer than that. */
const READY_WITHIN_MS = 2000;
const LIMITS: BodyLimits = { requestBytes: MIB, arrayBytes: 32 * MIB, lineBytes: 4 * MIB, bodyMs: 60_000 };

/** The HTTP server, complete but not listening. Nothing is kept outside of it, so a process can have several. */
export async function createApp(deps: AppDependencies): Promise<App> {
  const limits = { ...LIMITS, ...deps.bodyLimits };
  const app = newServer(deps, limits);
  const closing = new AbortController();
  // As many as wait for work just now.
  setMaxListeners(0, closing.signal);
  const ctx = createContext(deps, limits, closing.signal, app.log);
  closePromptly(app, () => closing.abort());
  app.addHook('onClose', async () => {
    await Promise.all([ctx.bell.stop(), ctx.signIn.close()]);
  });

  // One validator for all parts of a request: an id that is none is simply not there.
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart, url }) => (data: unknown) => {
    // Fastify says null where there is no body.
    const result = schema.safeParse(httpPart === 'body' ? (data ?? undefined) : data);
    if (result.success) return { value: result.data };
    const id = httpPart === 'params' ? (data as { id?: string }).id : undefined;
    return { error: id === undefined ? inputError(result.error) : notFound(nameOfOne(url), id) };
  });
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    if (deps.webRoot !== undefined && asksForPage(request)) return reply.sendFile('index.html');
    const message = `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}; see /docs.`;
    return answerError(new QuorateError('not_found', message), request, reply);
  });
  // First, so that what the others refuse has them as well.
  await secureHeaders(app);
  endSlowBodies(app, limits);
  if (deps.trustProxy === undefined) tellOfProxies(app);
  readJsonBodies(app);
  await limitGuesses(app);
  admit(app, ctx.principals);
  keepOrganisationsApart(app, deps.db);
  honourIdempotencyKeys(app, deps.db);
  timeRequests(app, ctx.metrics);
  await describeRoutes(app);
  for (const routes of [
    campaignRoutes,
    budgetRoutes,
    selectionPreviewRoutes,
    costRoutes,
    earningsRoutes,
    payRoutes,
    ledgerRoutes,
    payoutRoutes,
    planRoutes,
    judgeRoutes,
    annotatorRoutes,
    meRoutes,
    signInRoutes,
    invitationRoutes,
    organisationRoutes,
    peopleRoutes,
    workspaceRoutes,
    statisticsRoutes,
    assignmentRoutes,
    taskRoutes,
    exportRoutes,
    eventRoutes,
    appealRoutes,
    calibrationRoutes,
    promotionRoutes,
    qualityRoutes,
    dashboardRoutes,
    heldRoutes,
    ownWorkRoutes,
    adjudicationRoutes,
    instructionRoutes,
    quarantineRoutes,
  ]) {
    routes(app, ctx);
  }
  healthRoutes(app, ctx);
  await vendorRoutes(app, ctx);
  await app.register(async (scope) => {
    itemRoutes(scope.withTypeProvider<ZodTypeProvider>(), ctx);
    predictionRoutes(scope.withTypeProvider<ZodTypeProvider>(), ctx);
  });
  if (deps.webRoot !== undefined) await servePages(app, deps.webRoot);
  return app;
}

function newServer(deps: AppDependencies, limits: BodyLimits): App {
  const { log } = deps;
  const isLogger = typeof log === 'object' && 'child' in log;
  return Fastify({
    ...(isLogger ? { loggerInstance: log as FastifyBaseLogger } : { logger: log ?? false }),
    // Metrics count requests; the log has what went wrong.
    logController: new LogController({ disableRequestLogging: true }),
    ...(deps.trustProxy === undefined ? {} : { trustProxy: trusted(deps.trustProxy) }),
    bodyLimit: limits.requestBytes,
    // Longer than the head of any request: the routes' own schemas say what will not do.
    routerOptions: { maxParamLength: 65_536 },
    frameworkErrors: answerUnroutable,
    // Time to send the head of a request; a body may take longer, as imports do.
    requestTimeout: 0,
    forceCloseConnections: 'idle',
  }).withTypeProvider<ZodTypeProvider>() as unknown as App;
}

/** Of the addresses a request came through, nearest first, those that are proxies of ours. */
function trusted(proxies: number | string[]) {
  return typeof proxies === 'number' ? (_address: string, hop: number) => hop < proxies : proxies;
}

function createContext(
  deps: AppDependencies,
  limits: BodyLimits,
  closing: AbortSignal,
  log: FastifyBaseLogger,
): Context {
  const { db } = deps;
  const random = deps.random ?? Math.random;
  const nowMs = () => performance.now();
  const campaigns = new CampaignCache(db, nowMs);
  const signInOptions = {
    publicUrl: 'http://localhost',
    secret: randomBytes(32).toString('hex'),
    mailer: logMailer(log),
    ...deps.signIn,
  };
  const signIn = createSignIn(db, signInOptions, log);
  // Anybody may ask how the service is doing; the database is asked once a second.
  const backlog = new TimedCache({
    load: () => within(READY_WITHIN_MS, outboxBacklog(db)),
    keepMs: 1000,
    limit: 1,
    nowMs,
  });
  return {
    db,
    signIn,
    principals: new Principals(db, signIn, nowMs),
    workflows: createWorkflowDoor(deps.temporal, deps.updateDeadlineMs),
    campaigns,
    views: new CampaignViews(db, nowMs),
    chooser: new TaskChooser({ db: deps.leaseDb ?? db, campaigns, random, nowMs }),
    submissions: createSubmissionQueue(deps.answerDb ?? db),
    recentLeases: new BoundedMap(MAX_RECENT_LEASES),
    bell: createRelayBell(db),
    temporalUi: deps.temporalUi,
    backlog: () => backlog.get(''),
    metrics: createMetrics(deps.registry ?? new Registry(), () => backlog.get('')),
    random,
    now: deps.now ?? (() => new Date()),
    readWebhook: deps.readWebhook ?? (() => undefined),
    limits,
    closing,
  };
}

/** Behind a proxy that nobody named all people have its address, and what is counted by address is counted for all of them. */
function tellOfProxies(app: App): void {
  let told = false;
  app.addHook('onRequest', (request, _reply, done) => {
    done();
    if (told || request.headers['x-forwarded-for'] === undefined) return;
    told = true;
    request.log.warn(
      'a proxy forwards requests, but QUORATE_TRUST_PROXY is not set: wrong passwords are counted as if all came from one address',
    );
  });
}

/**
 * Who sends a body drop by drop holds what came of it in memory, and a connection; imports alone, read as streams, may take
 * their time, until they are answered: what was refused nobody reads.
 */
function endSlowBodies(app: App, { bodyMs }: BodyLimits): void {
  const endLate = ({ raw }: FastifyRequest) => {
    // Without a body there is nothing that is late: an answer may take as long as it likes, as streams do.
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0;
    if (!hasBody || raw.complete) return;
    const late = setTimeout(() => raw.destroy(), bodyMs);
    raw.once('close', () => clearTimeout(late));
    raw.once('end', () => clearTimeout(late));
  };
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.routeOptions.schema?.consumes) endLate(request);
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.routeOptions.schema?.consumes) endLate(request);
    done();
  });
}

/** Routes may set a limit of requests for one address of the network; what goes beyond is answered with 429. */
async function limitGuesses(app: App): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) =>
      new QuorateError('too_many_requests', `Too many requests of this kind from your address; try again in ${after}.`),
  });
}

/** Finds out who sends a request, and whether they may, before anything of it is read. */
function admit(app: App, principals: Principals): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', (route) => {
    const permission = permissionOf(String(route.method), route.url);
    if (permission === undefined && route.url.startsWith('/v1')) {
      throw new Error(`The route ${String(route.method)} ${route.url} does not say whom it admits; see api/access.ts.`);
    }
    // Outside of /v1 there are pages, health and the documentation.
    const stated = permission === undefined || permission === 'anybody';
    route.config = {
      ...route.config,
      ...(stated ? { access: 'anybody' } : { access: rolesOf(permission), permission }),
    };
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const { access, permission } = request.routeOptions.config;
    if (access === 'anybody') return;
    request.principal = await principals.admit(request, access ?? [], permission);
  });
}

function permissionOf(method: string, url: string): Permission | 'anybody' | undefined {
  return ROUTES[`${method === 'HEAD' ? 'GET' : method} ${url}`];
}

/** Helmet would make its headers anew for each answer. Ours are always the same, so it makes them once. */
async function secureHeaders(app: App): Promise<void> {
  const asked = Fastify();
  await asked.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whoever puts TLS before us sets this there; without TLS it would lock browsers out.
    strictTransportSecurity: false,
  });
  asked.get('/', async (_request, reply) => reply.raw.getHeaders());
  const headers = (await asked.inject('/')).json<Record<string, string>>();
  await asked.close();
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    // Answers tell of pay and people; whatever stands before this server keeps none of them.
    if (request.url.startsWith('/v1/')) reply.header('cache-control', 'no-store');
    done();
  });
}
