/** A thread that ends its process once that takes more memory than it may: what arrays of numbers take is in no heap. */
import { workerData } from 'node:worker_threads';

const LOOK_MS = 10;
const maxBytes = Number(workerData);

setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
}, LOOK_MS);
