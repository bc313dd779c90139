import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowClient, WorkflowClientInterceptor } from '@temporalio/client';
import type { InternalConnectionOptions } from '@temporalio/client/lib/connection.js';
import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import type { Config } from './config.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { canConnect, freePort } from './ports.ts';
import { errorMessage, type Log, RuntimeProblem } from './problem.ts';
import { run } from './processes.ts';

export const TEST_SERVER_VERSION = '1.31.0';
const START_MS = 60_000;
/** Days may take the server longer than the 30 s that the SDK gives an answer. */
const SKIP_MS = 600_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quorate</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${TEST_SERVER_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** It lives shortly and does little: what it saves in starting (a third) it does not miss in running. */
const LAUNCH = `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$1"
`;

/** The launcher of the time-skipping server in the cache folder, whether or not it is there yet. */
export function testServerLauncher(cacheDir: string): string {
  return join(cacheDir, `test-server-${TEST_SERVER_VERSION}`, 'launch');
}

/**
 * A program that is the server when it is given a port: Temporal's own for Java, fetched once with Maven into the cache
 * folder (some 10 s). Undefined where Java or Maven are absent or Maven cannot fetch it.
 */
async function findProgram(cacheDir: string, log: Log): Promise<string | undefined> {
  if ((await run('java', ['-version'], { timeoutMs: 30_000 })).code !== 0) return undefined;
  const launcher = testServerLauncher(cacheDir);
  if (existsSync(launcher)) return launcher;
  if ((await run('mvn', ['-version'], { timeoutMs: 60_000 })).code !== 0) return undefined;
  log(`Fetching Temporal's time-skipping server ${TEST_SERVER_VERSION} with Maven (once).`);
  const folder = dirname(launcher);
  const half = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'pom.xml'), POM);
    const args = ['-B', '-q', '-f', 'pom.xml', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
    const fetched = await run('mvn', args, { cwd: half, timeoutMs: 300_000 });
    if (fetched.code !== 0) return undefined;
    writeFileSync(join(half, 'launch'), LAUNCH, { mode: 0o755 });
    // Only a whole folder gets the final name; when another process was quicker, its folder is as good.
    if (!existsSync(folder)) renameSync(half, folder);
    return launcher;
  } catch {
    return existsSync(launcher) ? launcher : undefined;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** Temporal's time-skipping server, while it runs. */
export interface TimeSkippingServer {
  readonly connection: NativeConnection;
  /** Waiting for a result lets time skip, too. */
  readonly client: WorkflowClient;
  /** Lets so much of the server's time pass: it jumps to the next timer whenever nobody has anything to do. */
  sleep(ms: number): Promise<void>;
  nowMs(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts Temporal's time-skipping server, for whoever calls and not beyond. Where it comes from, in this order:
 * `QUORATE_TEST_SERVER`, the cache folder (fetched once with Maven), the SDK's own download. Throws `no_temporal` with the
 * ways out where it cannot be had, `start_failed` where it does not start.
 */
export async function startTimeSkippingServer(
  { cacheDir, testServer }: Pick<Config, 'cacheDir' | 'testServer'>,
  { log, interceptors = [] }: { readonly log: Log; readonly interceptors?: WorkflowClientInterceptor[] },
): Promise<TimeSkippingServer> {
  if (testServer !== undefined && !existsSync(testServer)) {
    throw unavailable(`there is no file ${testServer}`);
  }
  const path = testServer ?? (await findProgram(cacheDir, log));
  const { connection, stop } = path === undefined ? await downloaded() : await started(path);
  // Most who have the program never need this.
  const [{ TimeSkippingWorkflowClient }, { msToTs, tsToMs }] = await Promise.all([
    import('@temporalio/testing'),
    import('@temporalio/common/lib/time.js'),
  ]);
  return {
    connection,
    client: new TimeSkippingWorkflowClient({ connection, interceptors }),
    async sleep(ms) {
      const asked = { duration: msToTs(ms) };
      const skip = () => testServiceOf(connection).unlockTimeSkippingWithSleep(asked);
      await connection.withDeadline(Date.now() + SKIP_MS, skip);
    },
    async nowMs() {
      const { time } = await testServiceOf(connection).getCurrentTime({});
      return tsToMs(time);
    },
    stop,
  };
}

function testServiceOf({ testService }: NativeConnection) {
  if (testService) return testService;
  throw new Error('The connection to the time-skipping server knows nothing of time.');
}

type Started = Pick<TimeSkippingServer, 'connection' | 'stop'>;

async function downloaded(): Promise<Started> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  try {
    const env = await TestWorkflowEnvironment.createTimeSkipping();
    return { connection: env.nativeConnection, stop: () => env.teardown() };
  } catch (error) {
    // Of a chain of causes the last says what is wrong.
    const why = errorMessage(error).split(': ').at(-1);
    throw unavailable(`neither with Java and Maven nor by the SDK's download: ${why}`, error);
  }
}

function unavailable(why: string, cause?: unknown): RuntimeProblem {
  return new RuntimeProblem(
    'no_temporal',
    `Temporal's time-skipping server cannot be had here (${why}).`,
    'Install Java and Maven, with which it is fetched once, or set QUORATE_TEST_SERVER to the path of the program.',
    cause,
  );
}

/** Starts it ourselves: the SDK would give it five seconds, and a busy machine may need more. */
async function started(path: string): Promise<Started> {
  const cwd = mkdtempSync(join(tmpdir(), 'quorate-time-'));
  const port = await freePort();
  let daemon: Daemon | undefined;
  const stop = async () => {
    await daemon?.stop(5000);
    rmSync(cwd, { recursive: true, force: true });
  };
  try {
    const logFile = join(cwd, 'log');
    daemon = await startDaemon({ command: path, args: [String(port)], cwd, logFile, stopSignal: 'SIGTERM' });
    await untilItListens(daemon, port);
    const connection = await connectTo(`127.0.0.1:${port}`);
    return {
      connection,
      async stop() {
        await connection.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilItListens(daemon: Daemon, port: number): Promise<void> {
  const until = Date.now() + START_MS;
  while (!(await canConnect('127.0.0.1', port))) {
    const late = Date.now() > until;
    if (!daemon.hasExited() && !late) {
      await sleep(50);
      continue;
    }
    const why = late ? `it does not listen after ${START_MS / 1000} s` : 'it ended at once';
    const said = daemon.output().trim().split('\n').slice(-2).join(' ');
    const message = `Temporal's time-skipping server did not start: ${why}.${said === '' ? '' : ` It said: ${said}`}`;
    throw new RuntimeProblem('start_failed', message, '');
  }
}

async function connectTo(address: string): Promise<NativeConnection> {
  const [{ NativeConnection: native }, { InternalConnectionOptionsSymbol }] = await Promise.all([
    import('@temporalio/worker'),
    import('@temporalio/client/lib/connection.js'),
  ]);
  // As the SDK asks for it itself; it has no other way for a server that it did not start.
  const options: NativeConnectionOptions & InternalConnectionOptions = {
    address,
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  return native.connect(options);
}
