import { Alert, Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { api, storedKey, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { sessionQuery } from '../auth/session';
import { CalibrationOffers } from '../calibrate/offers';
import { useKeys } from '../forms/keys';
import { useI18n, useSay } from '../i18n';
import { PageTitle } from '../ui/page-title';
import { dateText } from '../ui/text';
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
      {desk === null ? <Waiting words="common.loading" /> : <AtDesk desk={desk} campaignId={campaignId} />}
    </>
  );
}

function AtDesk({ desk, campaignId }: { desk: Desk; campaignId: string | undefined }) {
  const say = useSay();
  const state = useSyncExternalStore(desk.subscribe, desk.state);
  const time = useFocusedTime();
  const { phase, current, problem } = state;
  useKeys(!current && state.canUndo, ({ key }) => {
    if (key === 'u') desk.undo();
    return key === 'u';
  });
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
        <p>
          <Link to="/">{say('page.start')}</Link>
        </p>
      </div>
    );
  }
  if (problem) return <Waiting words="work.offline" />;
  if (phase !== 'waiting') return <Waiting words="common.loading" />;
  return (
    <Waiting words="work.empty">
      <Why campaignId={campaignId} />
      {state.canUndo && (
        <p role="status">
          {say('work.held')} <UndoButton desk={desk} />
        </p>
      )}
      <CalibrationOffers />
    </Waiting>
  );
}

const WHY: { readonly [why: string]: 'work.metAll' | 'work.notOffered' | 'work.suspendedHere' } = {
  met_all: 'work.metAll',
  not_offered: 'work.notOffered',
  suspended: 'work.suspendedHere',
};

/** Why there is nothing, which need not be that nothing is there. */
function Why({ campaignId }: { campaignId: string | undefined }) {
  const { say, language } = useI18n();
  const query = campaignId === undefined ? {} : { campaignId };
  const { data } = useQuery({
    queryKey: ['me', 'work', campaignId],
    queryFn: () => unwrap(api.GET('/v1/me/work', { params: { query } })),
    refetchInterval: 60_000,
  });
  const { why, until = null } = data ?? {};
  return (
    <p className="dim">
      {why === 'daily_limit' && until !== null
        ? say('work.dailyLimit', { time: dateText(until, language) })
        : say((why && WHY[why]) ?? 'work.emptyHint')}
    </p>
  );
}

interface WaitingProps {
  readonly words: 'common.loading' | 'work.empty' | 'work.offline';
  readonly children?: ReactNode;
}

function Waiting({ words, children }: WaitingProps) {
  const say = useSay();
  return (
    <div className="page waiting">
      <h1 className="visually-hidden">{say('work.title')}</h1>
      <p role="status" className="waiting-words">
        {say(words)}
      </p>
      {children}
    </div>
  );
}
