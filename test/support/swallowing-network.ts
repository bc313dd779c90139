import { createServer, connect as dial, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { TLS_CERTIFICATE } from './tls-certificate.ts';

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

/** @param options `tls`: encrypted up to the network, as by a PostgreSQL that has a certificate. */
export async function swallowingNetwork(server: string, options = { tls: false }): Promise<SwallowingNetwork> {
  const sockets = new Set<Socket>();
  const to = new URL(server);
  const known = <S extends Socket>(socket: S): S => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    return socket;
  };
  const join = (near: Socket) => {
    const far = known(dial(Number(to.port), to.hostname));
    near.pipe(far).pipe(near);
  };
  const between = createServer((near) => {
    known(near);
    if (!options.tls) join(near);
    // What asks whether there is TLS; then it begins.
    else
      near.once('data', () => {
        near.write('S');
        join(known(new TLSSocket(near, { isServer: true, ...TLS_CERTIFICATE })));
      });
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  const address = between.address();
  const through = new URL(to);
  through.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  if (options.tls) through.searchParams.set('sslmode', 'require');
  return {
    url: through.href,
    swallow() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    reset() {
      // What is encrypted has a plain one below it.
      for (const socket of sockets) if (!(socket instanceof TLSSocket)) socket.resetAndDestroy();
    },
    close() {
      cut();
      between.close();
    },
  };
}
