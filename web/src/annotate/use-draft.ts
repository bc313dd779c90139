import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { call } from '../api/client';
import { serverNow } from '../api/clock';
import { type Draft, readDraft, writeDraft } from './storage';

export type Saved = 'none' | 'device' | 'server';

const TO_SERVER_MS = 800;

interface DraftKeeper {
  /** The draft found for this assignment; undefined while it is looked for, null where there is none. */
  readonly found: Draft | null | undefined;
  readonly saved: Saved;
  readonly keep: (value: unknown, seconds: number) => void;
}

/** Keeps a draft on this device at once, and on the server a moment later. */
export function useDraft(assignmentId: string): DraftKeeper {
  const [found, setFound] = useState<Draft | null | undefined>(() => readDraft(assignmentId));
  const [saved, setSaved] = useState<Saved>('none');
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const touched = useRef(false);

  const onServerDraft = useEffectEvent((draft: Draft | null) => {
    // What is typed meanwhile is newer than what the server has.
    if (!touched.current) setFound((here) => newer(here, draft));
  });
  useEffect(() => {
    const looking = new AbortController();
    const path = `/v1/assignments/${assignmentId}/draft`;
    call('GET', path, undefined, { signal: looking.signal })
      .then((answer) => onServerDraft(draftOf(answer)))
      .catch(() => onServerDraft(null));
    return () => {
      looking.abort();
      clearTimeout(waiting.current);
    };
  }, [assignmentId]);

  const keep = (value: unknown, seconds: number) => {
    touched.current = true;
    const draft = { value, seconds, savedAtMs: serverNow() };
    setSaved(writeDraft(assignmentId, draft) ? 'device' : 'none');
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => {
      call('PUT', `/v1/assignments/${assignmentId}/draft`, { content: draft })
        .then(() => setSaved('server'))
        .catch(() => undefined);
    }, TO_SERVER_MS);
  };
  return { found, saved, keep };
}

/** What was given last: another device may have gone on with what this one began. */
function newer(here: Draft | null | undefined, there: Draft | null): Draft | null {
  return here && here.savedAtMs >= (there?.savedAtMs ?? 0) ? here : there;
}

function draftOf(answer: unknown): Draft | null {
  const { content: draft } = (answer ?? {}) as { content?: Partial<Draft> | null };
  if (!draft || typeof draft.seconds !== 'number' || typeof draft.savedAtMs !== 'number') return null;
  return { value: draft.value, seconds: draft.seconds, savedAtMs: draft.savedAtMs };
}
