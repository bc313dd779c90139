/** Clients of `next-task` and `http`: each leases and submits in turn over one kept connection. Input (`Clients` of door.ts)
 * and output are JSON. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { quantile } from './support.ts';

const input = z
  .object({
    url: z.string(),
    keys: z.array(z.string()),
    campaignId: z.string(),
    seconds: z.number(),
    untilEmpty: z.boolean().default(false),
    twice: z.boolean().default(false),
    stubborn: z.boolean().default(false),
  })
  .parse(JSON.parse(await text(process.stdin)));
/** How long a campaign that was opened a moment ago may not be offered yet. */
const OFFERED_MS = 2000;
const target = new URL(input.url);
// Half a second to warm up, not measured.
const beginMs = performance.now() + 500;
const endMs = beginMs + 1000 * input.seconds;
const nextMs: number[] = [];
const submitMs: number[] = [];
const acknowledged: string[] = [];
let repeats = 0;
let refused = 0;
const begun = process.cpuUsage();
let sent = 0;

await Promise.all(input.keys.map(work));
const summary = (values: number[]) => ({
  p50: round(quantile(values, 0.5)),
  p95: round(quantile(values, 0.95)),
  p99: round(quantile(values, 0.99)),
});
// Clients that run out of work end sooner.
const measuredS = (Math.min(performance.now(), endMs) - beginMs) / 1000;
const requestsPerS = round((nextMs.length + submitMs.length) / Math.max(measuredS, 0.001));
const cpuMs = { asking: cpuOf(process.cpuUsage(begun)), all: cpuOf(process.cpuUsage()) };
const measured = { next: summary(nextMs), submit: summary(submitMs), requestsPerS };
process.stdout.write(JSON.stringify({ ...measured, sent, cpuMs, acknowledged, repeats, refused }));

function cpuOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

async function work(key: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // A connection of its own, so that what is sent twice at once does not queue.
  const other = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; performance.now() < endMs; turn++) {
    const lease = await timed(nextMs, () => ask(agent, key, '/v1/assignments/next', { campaignId: input.campaignId }));
    if (lease.status === 204 && input.untilEmpty) {
      // A campaign that was opened just now is offered a moment later.
      if (turn > 0 || performance.now() - beginMs > OFFERED_MS) break;
      turn -= 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    if (lease.status !== 200) throw new Error(`next answered ${lease.status}: ${lease.body}`);
    const { assignmentId } = z.object({ assignmentId: z.string() }).parse(JSON.parse(lease.body));
    const submit = (by: Agent) =>
      ask(by, key, `/v1/assignments/${assignmentId}/annotation`, { label: 'yes', timeSpentS: 9.5 });
    const again = input.twice && turn % 2 === 0 ? submit(other) : undefined;
    take(await timed(submitMs, () => submit(agent)));
    if (!input.twice) continue;
    repeats += 1;
    take(await (again ?? submit(agent)));
  }
  agent.destroy();
  other.destroy();
}

/** 201 is the first time, 200 every further one. */
function take({ status, body }: { status: number; body: string }): void {
  if (status === 201 || status === 200) {
    acknowledged.push(z.object({ annotationId: z.string() }).parse(JSON.parse(body)).annotationId);
  } else if (status === 409) refused += 1;
  else throw new Error(`submit answered ${status}: ${body}`);
}

/** Asks; a stubborn client asks again as long as nobody answers, or the server says that it cannot just now. */
async function ask(agent: Agent, key: string, path: string, body: unknown): Promise<{ status: number; body: string }> {
  for (;;) {
    try {
      const answer = await post(agent, key, path, body);
      if (!(input.stubborn && answer.status >= 500)) return answer;
    } catch (error) {
      if (!input.stubborn || performance.now() > endMs + 180_000) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function timed<T>(into: number[], act: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await act();
  sent += 1;
  const doneMs = performance.now();
  if (startedMs >= beginMs && doneMs <= endMs) into.push(doneMs - startedMs);
  return result;
}

function post(agent: Agent, key: string, path: string, body: unknown): Promise<{ status: number; body: string }> {
  const json = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: target.hostname,
        port: target.port,
        path,
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(json),
        },
      },
      (answer) => {
        text(answer).then((read) => resolve({ status: answer.statusCode ?? 0, body: read }), reject);
      },
    );
    sent.on('error', reject);
    sent.end(json);
  });
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
