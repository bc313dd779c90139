/** Clients of `next-task`: each leases and submits in turn over one kept connection. Input and output are JSON. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { quantile } from './support.ts';

const input = z
  .object({ url: z.string(), keys: z.array(z.string()), campaignId: z.string(), seconds: z.number() })
  .parse(JSON.parse(await text(process.stdin)));
const target = new URL(input.url);
// Half a second to warm up, not measured.
const beginMs = performance.now() + 500;
const endMs = beginMs + 1000 * input.seconds;
const nextMs: number[] = [];
const submitMs: number[] = [];
const begun = process.cpuUsage();
let sent = 0;

await Promise.all(input.keys.map(work));
const summary = (values: number[]) => ({
  p50: round(quantile(values, 0.5)),
  p95: round(quantile(values, 0.95)),
  p99: round(quantile(values, 0.99)),
});
const requestsPerS = round((nextMs.length + submitMs.length) / input.seconds);
const cpuMs = { asking: cpuOf(process.cpuUsage(begun)), all: cpuOf(process.cpuUsage()) };
process.stdout.write(JSON.stringify({ next: summary(nextMs), submit: summary(submitMs), requestsPerS, sent, cpuMs }));

function cpuOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

async function work(key: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (performance.now() < endMs) {
    const lease = await timed(nextMs, () => post(agent, key, '/v1/assignments/next', { campaignId: input.campaignId }));
    if (lease.status !== 200) throw new Error(`next answered ${lease.status}: ${lease.body}`);
    const { assignmentId } = z.object({ assignmentId: z.string() }).parse(JSON.parse(lease.body));
    const label = { label: 'yes', timeSpentS: 9.5 };
    const stored = await timed(submitMs, () => post(agent, key, `/v1/assignments/${assignmentId}/annotation`, label));
    if (stored.status !== 201) throw new Error(`submit answered ${stored.status}: ${stored.body}`);
  }
  agent.destroy();
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
