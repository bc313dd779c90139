import { connect as dial, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import postgres from 'postgres';

const types = { bigint: postgres.BigInt };

/** A pool of connections. int8 columns are read as bigint; money never passes through a float. */
export type Db = postgres.Sql<{ bigint: bigint }>;
/** A transaction on a connection of the pool. */
export type Tx = postgres.TransactionSql<{ bigint: bigint }>;
/** What a query function takes: the pool, or the transaction it shall be part of. */
export type Queryable = Db | Tx;

export interface PoolOptions {
  readonly max?: number;
  readonly name?: string;
  /**
   * Every statement on this pool finds its rows by an index. Prepared plans are kept for long; one that was made while
   * a table was still empty would read all of it, and go on doing so as the table grows.
   */
  readonly indexesOnly?: boolean;
  /**
   * Each statement is planned once a connection, whatever its parameters: planning it anew costs more than running it.
   * For few statements, whose best plan hangs on no parameter and finds each row by one before it: a join that read a table
   * whole, because it was small then, would go on doing so.
   */
  readonly plansOnce?: boolean;
  /** False: commits do not wait for the disk. A crash of the machine may lose the last of them, and nothing else. */
  readonly waitForDisk?: boolean;
  /** How long the server may say nothing to what it was asked, a minute by default: no statement here takes so long. */
  readonly silentMs?: number;
}

/** For pools that ask for what takes long. */
export const PATIENT_MS = 3_600_000;
const SILENT_MS = 60_000;
const KEEP_ALIVE_S = 5;
const TICKS = 10;

/**
 * A host that dies without a word (no power, no network, a frozen machine) holds its locks for no longer than this: its
 * connections are found out within a dozen seconds, and a transaction that was left open ends after a minute. Whoever
 * waits for a lock gives up before the activity that wants it is tried anew (30 s), so that the connection is free then.
 */
const LIMITS = {
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '15s',
  idle_in_transaction_session_timeout: 60_000,
  lock_timeout: 20_000,
};

/** Opens a pool of at most `max` connections (10 by default); nothing is connected before the first query. */
export function connect(url: string, options: PoolOptions = {}): Db {
  return postgres(url, {
    ...ownSockets(url, options.silentMs ?? SILENT_MS),
    keep_alive: KEEP_ALIVE_S,
    max: options.max ?? 10,
    types,
    onnotice: () => {},
    backoff: waitBeforeReconnectS,
    connection: {
      application_name: options.name ?? 'quorate',
      TimeZone: 'UTC',
      ...LIMITS,
      ...(options.indexesOnly ? { enable_seqscan: 'off' } : {}),
      ...(options.plansOnce
        ? { plan_cache_mode: 'force_generic_plan', enable_hashjoin: 'off', enable_mergejoin: 'off' }
        : {}),
      // Whatever the server does by itself: what is acknowledged is on its disk.
      synchronous_commit: options.waitForDisk === false ? 'off' : 'on',
    },
  });
}

/**
 * Sockets of our own, for two things that the driver (postgres 3.4) does not do; where it chooses among several hosts it
 * makes its own. (Its types do not know the option.)
 */
function ownSockets(url: string, silentMs: number): object {
  const socket = (to: { host: string[]; port: number[]; path?: string | false; ssl?: unknown }) => {
    const [host = 'localhost'] = to.host;
    const [port = 5432] = to.port;
    const own = to.path ? dial(to.path) : dial(port, host);
    own.setKeepAlive(true, KEEP_ALIVE_S * 1000);
    endWithoutError(own);
    endSilent(own, silentMs);
    return Object.assign(to.ssl ? underTls(own) : own, { host, port });
  };
  const [, hosts = ''] = /^[^/]*\/\/(?:[^/]*@)?([^/]*)/.exec(url) ?? [];
  return hosts.includes(',') ? {} : { socket };
}

/** A stream that TLS is spoken over, and not the socket itself, of which TLS would take hold past what we do with it. */
function underTls(socket: Socket): Duplex {
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(() => done()),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!stream.push(chunk)) socket.pause();
  });
  socket.on('error', (error) => stream.destroy(error));
  socket.on('end', () => stream.push(null));
  socket.on('close', () => stream.destroy());
  return Object.defineProperty(stream, 'readyState', { get: () => socket.readyState });
}

/** What is asked between a socket's error and its end is never answered; with its end alone all is rejected. */
function endWithoutError(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => destroy(socket.bytesRead > 0 ? undefined : error);
}

/**
 * Gives up a server that does not answer: a host that died without a word, a frozen one, a network that swallows
 * everything. Where it took what was sent, keep-alives find that out in a quarter of a minute; what it never took the system
 * would send again for a quarter of an hour.
 */
function endSilent(socket: Socket, silentMs: number): void {
  let answered = 0;
  let silentTicks = 0;
  socket.on('data', () => {
    answered = socket.bytesWritten;
    silentTicks = 0;
  });
  // Ticks and no clock: a process that was busy itself for so long has not listened.
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else if (socket.bytesWritten > answered) silentTicks += 1;
    if (silentTicks > TICKS) socket.destroy();
  }, silentMs / TICKS).unref();
}

/**
 * How long a lost connection waits before its next attempt: a second at most. The driver's own waits grow to 20 s, and
 * all connections of a pool count their failures together, so half a second's outage would stall queries that long.
 */
function waitBeforeReconnectS(attempt: number): number {
  return Math.min(1, 0.05 * 2 ** Math.min(attempt, 5)) * (0.5 + Math.random() / 2);
}

/** The SQLSTATE of a database error, e.g. '23505' for a unique violation. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined;
}

/** The constraint that a database error names. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.constraint_name : undefined;
}

/** Plain JSON as a parameter. */
export function json(sql: Queryable, value: unknown) {
  return sql.json(value as postgres.JSONValue);
}

/** For queries that return exactly one row by construction; none is a bug. */
export function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('A query that always returns a row returned none.');
  return row;
}
