import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';

// As our own worker, but for the product: its own process, the same limits.
const logger = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
Runtime.install({ logger });
const [address = ''] = process.argv.slice(2);
const connection = await NativeConnection.connect({ address });
const workflowBundle = await bundleWorkflowCode({
  logger,
  workflowsPath: fileURLToPath(new URL('./workflow.js', import.meta.url)),
});
const worker = await Worker.create({
  connection,
  taskQueue: 'floor',
  workflowBundle,
  activities: { async settle() {} },
  maxConcurrentWorkflowTaskExecutions: 40,
  maxCachedWorkflows: 600,
});
process.once('SIGTERM', () => worker.shutdown());
process.stdout.write('ready\n');
await worker.run();
await connection.close();
