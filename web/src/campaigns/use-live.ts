import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Problem, send } from '../api/client';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';

export type Connection = 'connecting' | 'live' | 'lost' | 'refused' | 'ended';

const RETRY_MS = 2000;
/** The server says every 15 seconds that it is still there. */
const SILENCE_MS = 40_000;

/**
 * A campaign as its server-sent events tell it, through lost connections, until it has ended. A page that is out of sight
 * holds no connection: a browser opens six to a server at most, and hangs once as many pages keep one each.
 */
export function useLiveCampaign(id: string): {
  campaign: Campaign | null;
  connection: Connection;
  problem: Problem | null;
} {
  const [campaign, setCampaign] = useState<Campaign | null>(null);
  const [connection, setConnection] = useState<Connection>('connecting');
  const [problem, setProblem] = useState<Problem | null>(null);
  const hear = useEffectEvent((data: string) => {
    setCampaign(JSON.parse(data) as Campaign);
    setConnection('live');
    setProblem(null);
  });
  useEffect(() => {
    let leaving = new AbortController();
    const look = () => {
      leaving.abort();
      if (document.hidden) return;
      leaving = new AbortController();
      void follow(id, leaving.signal, {
        hear: (data) => hear(data),
        lost: () => setConnection('lost'),
        refused: (found) => {
          setProblem(found);
          setConnection('refused');
        },
        ended: () => setConnection('ended'),
      });
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      leaving.abort();
    };
  }, [id]);
  return { campaign, connection, problem };
}

/** What the panels of a dashboard ask for beside the campaign itself. */
const PANELS: ReadonlySet<unknown> = new Set([
  ...['agreement', 'annotators', 'appeals', 'budget', 'contested', 'gold-candidates', 'judges', 'pay', 'platforms'],
  ...['quality', 'reports', 'tasks', 'vendor-incidents', 'vendor-orders'],
]);
/** As long as the server keeps most of their figures. */
const PANELS_EVERY_MS = 3000;

/** Has the panels ask anew as soon as the stream tells of a change, though not more often than their figures change. */
export function useLivePanels(id: string, campaign: Campaign | null): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const askedMs = useRef<number | null>(null);
  useEffect(() => {
    if (campaign === null || timer.current !== undefined) return;
    // They have just asked for the first time.
    askedMs.current ??= performance.now();
    const waitMs = Math.max(0, askedMs.current + PANELS_EVERY_MS - performance.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      askedMs.current = performance.now();
      const isPanel = ({ queryKey: [what, whose, panel] }: { queryKey: readonly unknown[] }) =>
        what === 'campaign' && whose === id && PANELS.has(panel);
      void queries.invalidateQueries({ predicate: isPanel }, { cancelRefetch: false });
    }, waitMs);
  }, [id, campaign, queries]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

interface Listener {
  readonly hear: (data: string) => void;
  readonly lost: () => void;
  readonly refused: (problem: Problem) => void;
  readonly ended: () => void;
}

async function follow(id: string, signal: AbortSignal, { hear, lost, refused, ended }: Listener): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const quiet = new Silence(signal);
    try {
      const response = await send('GET', `/v1/campaigns/${id}/events`, undefined, { signal: quiet.signal });
      if (!response.ok || !response.body) {
        const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
        const problem = new Problem(
          response.status,
          body.code ?? '',
          body.detail ?? t('The campaign cannot be shown.'),
        );
        // Too many at once, or too many lately, is over some time.
        if (response.status < 500 && response.status !== 429) return refused(problem);
        throw problem;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        quiet.broken();
        const events = (text + value).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = event.split('\n').find((line) => line.startsWith('data: '));
          if (data === undefined) continue;
          last = data.slice('data: '.length);
          hear(last);
        }
      }
      const { state } = (last === '' ? {} : JSON.parse(last)) as { state?: string };
      if (state === 'finished' || state === 'stopped') return ended();
      throw new Problem(0, 'network', t('The connection was lost.'));
    } catch {
      if (signal.aborted) return;
      lost();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } finally {
      quiet.end();
    }
  }
}

/** Aborts what is silent for too long: a connection may be gone without either side being told. */
class Silence {
  readonly #over = new AbortController();
  readonly #leaving: AbortSignal;
  readonly #abort = () => this.#over.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(leaving: AbortSignal) {
    this.#leaving = leaving;
    leaving.addEventListener('abort', this.#abort);
    this.broken();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#abort, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#leaving.removeEventListener('abort', this.#abort);
  }
}
