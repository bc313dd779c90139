/** A key was to be sent where anybody on the way could read it. */
export class KeyInClearText extends Error {}

/**
 * The key of an endpoint's host, to be sent with each request; undefined where the host has none. A key leaves over https
 * alone, except to this machine: throws KeyInClearText.
 */
export function endpointKey(url: string, keys: Readonly<Record<string, string>>): string | undefined {
  const { host, hostname, protocol } = new URL(url);
  const key = Object.hasOwn(keys, host) ? keys[host] : undefined;
  if (key === undefined || protocol === 'https:' || isLoopback(hostname)) return key;
  throw new KeyInClearText(
    `${host} has a key in QUORATE_MODEL_KEYS, which is sent over https only; use an https address`,
  );
}

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
