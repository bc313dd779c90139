/** A thread that helps with the jobs of `sharedMath` until it is told to end. */
import { workerData } from 'node:worker_threads';
import { loadKernel, type SharedWasmMemory, type WasmModule } from '../../domain/web-assembly.ts';
import { CONTROL_WORDS, TICKET, workOff } from './job.ts';
import type { Kernel } from './kernel.ts';

const { memory, module } = workerData as { readonly memory: SharedWasmMemory; readonly module: WasmModule };
const kernel = loadKernel<Kernel>(module, memory);
const control = new Int32Array(memory.buffer, 0, CONTROL_WORDS);

for (;;) {
  const ticket = workOff(control, kernel);
  if (ticket === 'end') break;
  Atomics.wait(control, TICKET, ticket);
}
