/** Whom a worker may ask about items, and with what: hosts, with a path where only what is below it may be asked, and keys by host. */
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
  const url = new URL(endpoint.url);
  if (!hosts.some((allowed) => isWithin(url, allowed))) {
    const isKnown = hosts.some((allowed) => allowed.startsWith(`${url.host}/`));
    throw new EndpointRefused(`${url.host}${isKnown ? url.pathname : ''} is not among QUORATE_MODEL_HOSTS`);
  }
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

/** Whether an address is on a host and, where one is named with it, at or below a path. */
function isWithin({ host, pathname }: URL, allowed: string): boolean {
  const [at = '', ...parts] = allowed.replace(/\/+$/, '').split('/');
  if (host !== at) return false;
  if (parts.length === 0) return true;
  const path = `/${parts.join('/')}`;
  // Some servers take these for slashes, and what is after them may lead up again.
  return !/%2f|%5c/i.test(pathname) && (pathname === path || pathname.startsWith(`${path}/`));
}

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
