/** Whom a worker may ask about items, and with what: hosts, and keys by host. */
export interface EndpointAccess {
  readonly hosts: readonly string[];
  readonly keys: Readonly<Record<string, string>>;
}

/** An endpoint that is not asked: nobody has named its host, or its key could be read by anybody on the way. */
export class EndpointRefused extends Error {}

/** An endpoint with the key that it is to be shown. Throws EndpointRefused. */
export function allowedEndpoint<Endpoint extends { readonly url: string }>(
  endpoint: Endpoint,
  { hosts, keys }: EndpointAccess,
): Endpoint & { readonly key: string | undefined } {
  const { host } = new URL(endpoint.url);
  if (!hosts.includes(host)) throw new EndpointRefused(`${host} is not among QUORATE_MODEL_HOSTS`);
  return { ...endpoint, key: endpointKey(endpoint.url, keys) };
}

/**
 * The key of an endpoint's host, to be sent with each request; undefined where the host has none. A key leaves over https
 * alone, except to this machine: throws EndpointRefused.
 */
export function endpointKey(url: string, keys: Readonly<Record<string, string>>): string | undefined {
  const { host, hostname, protocol } = new URL(url);
  const key = Object.hasOwn(keys, host) ? keys[host] : undefined;
  if (key === undefined || protocol === 'https:' || isLoopback(hostname)) return key;
  throw new EndpointRefused(
    `${host} has a key in QUORATE_MODEL_KEYS, which is sent over https only; use an https address`,
  );
}

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
