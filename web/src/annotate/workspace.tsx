import { Alert, Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { storedKey } from '../api/client';
import { serverNow } from '../api/clock';
import { sessionQuery } from '../auth/session';
import { CalibrationOffers } from '../calibrate/offers';
import { useSay } from '../i18n';
import { PageTitle } from '../ui/page-title';
import { Desk } from './desk';
import { useFocusedTime } from './focused-time';
import { sweep } from './storage';
import { TaskDesk, UndoButton } from './task-desk';

/** Where annotators work: one task after the other. */
export function WorkspacePage() {
  const { data: session } = useQuery(sessionQuery);
  const { campaign } = useSearch({ strict: false });
  // Somebody has signed out in another tab.
  if (session === null) return null;
  const owner = session?.email ?? storedKey()?.slice(-8) ?? session?.name ?? '';
  return <OpenDesk key={`${owner} ${campaign ?? ''}`} owner={owner} campaignId={campaign} />;
}

function OpenDesk({ owner, campaignId }: { owner: string; campaignId: string | undefined }) {
  const queries = useQueryClient();
  const [desk, setDesk] = useState<Desk | null>(null);
  useEffect(() => {
    const opened = new Desk(
      owner,
      campaignId,
      () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    );
    setDesk(opened);
    sweep(serverNow());
    void opened.open();
    return () => opened.close();
  }, [owner, campaignId, queries]);
  const say = useSay();
  return (
    <>
      <PageTitle of={say('nav.work')} />
      {desk === null ? <Waiting words="common.loading" /> : <AtDesk desk={desk} />}
    </>
  );
}

function AtDesk({ desk }: { desk: Desk }) {
  const say = useSay();
  const state = useSyncExternalStore(desk.subscribe, desk.state);
  const time = useFocusedTime();
  const { phase, current, problem } = state;
  if (current && phase === 'working') {
    return <TaskDesk key={current.assignmentId} desk={desk} state={state} offer={current} time={time} />;
  }
  if (phase === 'refused') {
    const title = problem?.code === 'suspended' ? say('work.suspended') : undefined;
    return (
      <div className="page page-narrow">
        <Alert color="yellow" title={title} role="alert">
          {problem?.message}
        </Alert>
        <Button mt="md" variant="default" onClick={() => location.reload()}>
          {say('common.retry')}
        </Button>
      </div>
    );
  }
  if (problem) return <Waiting words="work.offline" />;
  if (phase !== 'waiting') return <Waiting words="common.loading" />;
  return (
    <Waiting words="work.empty" hint={say('work.emptyHint')}>
      {state.canUndo && (
        <p role="status">
          {say('work.held')} <UndoButton desk={desk} />
        </p>
      )}
      <CalibrationOffers />
    </Waiting>
  );
}

interface WaitingProps {
  readonly words: 'common.loading' | 'work.empty' | 'work.offline';
  readonly hint?: string;
  readonly children?: ReactNode;
}

function Waiting({ words, hint, children }: WaitingProps) {
  const say = useSay();
  return (
    <div className="page waiting">
      <h1 className="visually-hidden">{say('work.title')}</h1>
      <p role="status" className="waiting-words">
        {say(words)}
      </p>
      {hint !== undefined && <p className="dim">{hint}</p>}
      {children}
    </div>
  );
}
