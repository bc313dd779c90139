import { parseEvents } from './progress-text.js';

const AGAIN_MS = 1000;
/** The server sends something at least every 15 seconds. */
const SILENT_MS = 20_000;
const ENDED = new Set(['finished', 'stopped']);

/** A refusal that trying again will not change. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** GET with the key in a header; the JSON answer. Throws Refused for what will stay refused. */
export async function getJson(path, key, signal) {
  const response = await open(path, key, signal);
  return response.json();
}

async function open(path, key, signal) {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(path, { headers, cache: 'no-store', signal: signal ?? null });
  if (response.ok) return response;
  const { detail } = await response.json().catch(() => ({}));
  if ([400, 401, 403, 404].includes(response.status)) throw new Refused(response.status, detail ?? '');
  throw new Error(detail ?? `Status ${response.status}`);
}

/**
 * Follows a campaign until it has ended: by its events, and by asking once a second where these do not come through.
 * Calls `show` with each view, `lost` when the connection is gone. Rejects with Refused.
 */
export async function follow(id, key, { show, lost }) {
  const path = `/v1/campaigns/${encodeURIComponent(id)}`;
  for (;;) {
    const view = await getJson(path, key, AbortSignal.timeout(10_000)).catch((error) => {
      if (error instanceof Refused) throw error;
      lost();
    });
    if (view) {
      show(view);
      if (ENDED.has(view.state)) return;
      for await (const newer of events(`${path}/events`, key)) show(newer);
    }
    await pause(AGAIN_MS);
  }
}

/** The views of the stream until it ends, whatever ends it: what to make of that is found out by asking again. */
async function* events(path, key) {
  const silence = new AbortController();
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENT_MS);
  };
  let rest = '';
  try {
    wait();
    const response = await open(path, key, silence.signal);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) return;
      wait();
      const parsed = parseEvents(rest + value);
      rest = parsed.rest;
      const newest = parsed.data.at(-1);
      if (newest !== undefined) yield JSON.parse(newest);
    }
  } catch {
    // The connection, or a proxy that does not let events through.
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
