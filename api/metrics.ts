import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The numbers that /metrics tells. None of them tells gold tasks from work. */
export function createMetrics(registry: Registry, backlog: () => Promise<{ waiting: number; oldestS: number }>) {
  const registers = [registry];
  const age = new Gauge({
    name: 'quorate_outbox_oldest_seconds',
    help: 'Age of the oldest message waiting for delivery',
    registers,
  });
  new Gauge({
    name: 'quorate_outbox_waiting',
    help: 'Messages to workflows that wait for delivery',
    registers,
    async collect() {
      const { waiting, oldestS } = await backlog();
      this.set(waiting);
      age.set(oldestS);
    },
  });
  return {
    registry,
    requests: new Histogram({
      name: 'quorate_http_request_seconds',
      help: 'Duration of HTTP requests',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    leases: new Counter({ name: 'quorate_leases_total', help: 'Tasks handed to annotators', registers }),
    submissions: new Counter({
      name: 'quorate_submissions_total',
      help: 'Submitted annotations',
      labelNames: ['outcome'] as const,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Times every request by its route's pattern, so that ids do not become labels. */
export function timeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.requests.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    done();
  });
}
