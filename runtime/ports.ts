import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeProblem } from './problem.ts';

/** Whether a TCP server can listen on this port now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A port nobody listens on at this moment (another program may take it before it is used). It is not one of those that
 * systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): a server that is killed and started
 * again finds it free.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    if (await isPortFree(port, host)) return port;
  }
}

/** Throws `port_in_use`, naming the port and the variable that changes it, unless the port is free. */
export async function requireFreePort(port: number, what: string, variable: string, host?: string): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new RuntimeProblem(
    'port_in_use',
    `Port ${port}, wanted for ${what}, is in use by another program.`,
    `Stop that program, or set ${variable} to another port.`,
  );
}

/** Whether something accepts TCP connections there within `timeoutMs`. */
export function canConnect(host: string, port: number, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Polls until something accepts TCP connections there; false when `timeoutMs` have passed. */
export async function waitForPort(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    if (await canConnect(host, port, Math.min(2000, timeoutMs))) return true;
    if (Date.now() >= until) return false;
    await sleep(50);
  }
}
