import { type Db, json } from '../client.ts';

export interface KeyedRequest {
  readonly principal: string;
  readonly key: string;
}

/** One request's hold on a key; whoever takes it over has another `token`. */
export interface Claim extends KeyedRequest {
  /** The id of what the request makes. */
  readonly madeId: string;
  readonly token: string;
}

export interface KeyedAnswer {
  readonly requestHash: string;
  /** Null while the first request is under way. */
  readonly status: number | null;
  readonly response: unknown;
}

// A request that holds a claim for longer than this has died with its process: the next one takes the claim over.
const CLAIM_SECONDS = 120;
// A client that has not repeated a request for this long will not.
const KEEP_HOURS = 48;

/**
 * Claims a key for a request about to run: the id of what it makes when it may run, else what is known of the first one.
 * Whoever takes over a claim gets the id of the first, who may have made it before dying.
 */
export async function claimKey(
  db: Db,
  request: KeyedRequest & { requestHash: string; madeId: string },
): Promise<Claim | KeyedAnswer> {
  const [claimed] = await db<{ madeId: string; token: string }[]>`
    insert into idempotency_keys as k (principal, key, request_hash, made_id)
    values (${request.principal}, ${request.key}, ${request.requestHash}, ${request.madeId})
    on conflict (principal, key) do update set made_id = coalesce(k.made_id, excluded.made_id), created_at = now()
      where k.status is null and k.request_hash = excluded.request_hash
        and k.created_at < now() - ${CLAIM_SECONDS} * interval '1 second'
    returning k.made_id as "madeId", k.created_at::text as token`;
  if (claimed) return { principal: request.principal, key: request.key, ...claimed };
  const [first] = await db<KeyedAnswer[]>`
    select request_hash as "requestHash", status, response from idempotency_keys
    where principal = ${request.principal} and key = ${request.key}`;
  // Gone between the two statements: the first request failed just now, so this one may be told to wait a moment.
  return first ?? { requestHash: request.requestHash, status: null, response: null };
}

/** What a request still holds of its claim; one that was taken over is somebody else's. */
const held = (db: Db, { principal, key, token }: Claim) =>
  db`principal = ${principal} and key = ${key} and created_at = ${token}::timestamptz`;

/** Keeps the answer of a claimed request, to be given again. */
export async function storeAnswer(db: Db, answer: Claim & { status: number; response: unknown }): Promise<void> {
  await db`
    update idempotency_keys set status = ${answer.status}, response = ${json(db, answer.response)}
    where ${held(db, answer)}`;
}

/** Lets the next one take a claim over: the request failed, and nobody knows whether it did what it was to do. */
export async function yieldClaim(db: Db, claim: Claim): Promise<void> {
  await db`
    update idempotency_keys set created_at = now() - ${CLAIM_SECONDS} * interval '1 second'
    where ${held(db, claim)} and status is null`;
}

/** Gives a claim up: the request was refused, and may be tried again. */
export async function dropClaim(db: Db, claim: Claim): Promise<void> {
  await db`delete from idempotency_keys where ${held(db, claim)} and status is null`;
}

/** Forgets answers that nobody will ask for again. */
export async function forgetOldAnswers(db: Db): Promise<void> {
  await db`delete from idempotency_keys where created_at < now() - ${KEEP_HOURS} * interval '1 hour'`;
}
