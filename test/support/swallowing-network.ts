import { createServer, connect as dial, type Socket } from 'node:net';

/** A network between us and a server that can be told to swallow everything, without a word to either side. */
export interface SwallowingNetwork {
  /** The server's URL by way of this network. */
  readonly url: string;
  /** From now on nothing comes through on connections that there are. */
  swallow(): void;
  /** Ends the connections that there are, so that both sides notice. */
  cut(): void;
  /** As `cut`, by a reset. */
  reset(): void;
  close(): void;
}

export async function swallowingNetwork(server: string): Promise<SwallowingNetwork> {
  const sockets = new Set<Socket>();
  const to = new URL(server);
  const between = createServer((near) => {
    const far = dial(Number(to.port), to.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    }
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  const address = between.address();
  const through = new URL(to);
  through.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: through.href,
    swallow() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close() {
      cut();
      between.close();
    },
  };
}
