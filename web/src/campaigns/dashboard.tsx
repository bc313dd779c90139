import { Badge, Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { mayManage, mayRule, sessionQuery } from '../auth/session';
import { fieldsOf, textsOf } from '../forms/read';
import { useOffice } from '../i18n';
import { type Text, t } from '../i18n/office';
import { AwaitedPage } from '../ui/awaited-page';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { saveFile } from '../ui/save-file';
import { STATE_COLORS, typeName, words } from '../ui/text';
import { AddItems } from './add-items';
import { AgreementOverTime } from './agreement';
import { Appeals } from './appeals';
import { GoldCandidates } from './gold-candidates';
import { Instructions } from './instructions';
import { Judges } from './judges';
import { Limits } from './limits';
import { Learning, Spend, Tiles } from './overview';
import { PayCheck } from './pay-check';
import { Platforms } from './platforms';
import { PausedByItself, Quality } from './quality';
import { Reports } from './reports';
import { Rounds } from './rounds';
import { SelectionPreview } from './selection-preview';
import { StartWarnings } from './start-warnings';
import { AdjudicationQueue, Contested, Tasks, WaitingLongest } from './tasks';
import { useLiveCampaign, useLivePanels } from './use-live';
import { VendorOrders } from './vendors';
import { Workers } from './workers';

const CONNECTIONS = {
  connecting: 'Connecting…',
  live: 'These figures are live.',
  lost: 'Connection lost; trying again. These are the last figures.',
  refused: 'No longer live; these are the last figures.',
  ended: 'Ended; these are the final figures.',
} as const;

const ENDS: Readonly<Record<string, Text>> = {
  budget: 'no money was left for another batch',
  pool_empty: 'every item was chosen',
  max_tasks: 'as many tasks as were asked for',
  target_accuracy: 'the model is as accurate as was asked for',
  plateau: 'further rounds gained too little',
  deadline: 'its time was over',
  by_hand: 'somebody stopped it',
};

function endText(reason: string): string {
  const text = ENDS[reason];
  return text === undefined ? words(reason) : t(text);
}

/** A campaign as it goes, live. */
export function DashboardPage() {
  useOffice();
  const { id = '' } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const { campaign, connection, problem } = useLiveCampaign(id);
  useLivePanels(id, campaign);
  const ended = connection === 'ended';
  const agreement = useQuery({
    queryKey: ['campaign', id, 'agreement'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/agreement', { params: { path: { id } } })),
    refetchInterval: ended ? false : 10_000,
  });
  const manages = session != null && mayManage(session.role);
  const rules = session != null && mayRule(session.role);
  if (!campaign) return <AwaitedPage title={t('Campaign')} error={problem} />;
  return (
    <div className="page">
      <PageTitle of={campaign.name} />
      {campaign.simulated && (
        <p className="notice" role="note">
          <strong>{t('Simulated crowd:')}</strong>{' '}
          {t('the answers in this campaign come from a program, not from people.')}
        </p>
      )}
      <div className="page-head">
        <h1 dir="auto">{campaign.name}</h1>
        <Badge variant="light" color={STATE_COLORS[campaign.state]}>
          {words(campaign.state)}
        </Badge>
        <span className="dim" role="status">
          {t(CONNECTIONS[connection])}
        </span>
        <span className="spacer" />
        {manages && <Actions campaign={campaign} />}
        <Link to="/campaigns/$id/settings" params={{ id }}>
          {t('Settings')}
        </Link>
      </div>
      <FaultNotice error={problem} />
      <p className="dim lead">
        {t('{type}, tier {tier}, chosen by {strategy}', {
          type: typeName(campaign.type),
          tier: words(campaign.tier),
          strategy: words(campaign.strategy),
        })}
        {campaign.stopReason !== null &&
          (campaign.state === 'finished' || campaign.state === 'stopped'
            ? t('; ended: {stopReason}', { stopReason: endText(campaign.stopReason) })
            : t('; chooses no more work: {stopReason}', { stopReason: endText(campaign.stopReason) }))}
      </p>
      {campaign.state === 'paused' && <PausedByItself campaignId={id} />}
      <Tiles campaign={campaign} agreement={agreement.data} ended={ended} />
      {manages && campaign.state === 'draft' && <AddItems campaign={campaign} />}
      <div className="columns">
        <div className="stack">
          <Learning campaign={campaign} />
          {manages && ['draft', 'running', 'paused'].includes(campaign.state) && (
            <SelectionPreview campaign={campaign} />
          )}
          <AgreementOverTime campaign={campaign} ended={ended} />
          <Contested campaignId={id} ended={ended} />
          <WaitingLongest campaignId={id} ended={ended} />
        </div>
        <div className="stack">
          <Spend campaign={campaign} />
          <AdjudicationQueue campaignId={id} ended={ended} />
          <Limits campaign={campaign} manages={manages} ended={ended} />
          <PayCheck campaign={campaign} ended={ended} />
        </div>
      </div>
      <div className="stack">
        <Rounds campaign={campaign} />
        <Workers campaignId={id} manages={manages} ended={ended} />
        {rules && <Appeals campaignId={id} ended={ended} />}
        <Quality campaignId={id} ended={ended} />
        {rules && !ended && <GoldCandidates campaignId={id} />}
        <Platforms campaignId={id} ended={ended} />
        <VendorOrders campaignId={id} manages={manages} ended={ended} />
        <Judges campaign={campaign} manages={manages} ended={ended} />
        <Instructions campaignId={id} manages={manages} ended={ended} />
        {rules && <Reports campaignId={id} ended={ended} />}
        {manages && (campaign.state === 'running' || campaign.state === 'paused') && (
          <details>
            <summary>{t('Add rows')}</summary>
            <AddItems campaign={campaign} />
          </details>
        )}
        <Tasks campaignId={id} />
        <Export campaign={campaign} />
      </div>
    </div>
  );
}

const NEXT = {
  draft: ['start', 'Start'],
  running: ['pause', 'Pause'],
  paused: ['resume', 'Resume'],
  stopping: ['pause', 'Pause'],
} as const;

function Actions({ campaign: { id, state, stopReason } }: { campaign: Campaign }) {
  const [stops, setStops] = useState(false);
  const act = useMutation({
    mutationFn: (action: 'start' | 'pause' | 'resume' | 'stop' | 'cancel') => {
      const params = { path: { id } };
      if (action === 'start') return unwrap(api.POST('/v1/campaigns/{id}/start', { params }));
      if (action === 'pause') return unwrap(api.POST('/v1/campaigns/{id}/pause', { params }));
      if (action === 'resume') return unwrap(api.POST('/v1/campaigns/{id}/resume', { params }));
      return unwrap(api.POST('/v1/campaigns/{id}/stop', { params, body: { drain: action === 'stop' } }));
    },
  });
  const next = state === 'finished' || state === 'stopped' ? undefined : NEXT[state];
  // Of itself it chooses nothing more: its last tasks are being finished.
  const drains = stopReason !== null || state === 'stopping';
  const ends = (how: 'stop' | 'cancel') => act.mutate(how, { onSuccess: () => setStops(false) });
  return (
    <>
      {next && (
        <Button size="xs" loading={act.isPending} onClick={() => act.mutate(next[0])}>
          {t(next[1])}
        </Button>
      )}
      {next && state !== 'draft' && (
        <Button size="xs" variant="default" onClick={() => setStops(true)}>
          {drains ? t('End open tasks') : t('Stop')}
        </Button>
      )}
      <Link to="/campaigns/new" search={{ from: id }}>
        {t('Duplicate')}
      </Link>
      <Link to="/plan" search={{ campaign: id }}>
        {t('Plan one like it')}
      </Link>
      {!stops && <FaultNotice error={act.error} />}
      <StartWarnings texts={textsOf(fieldsOf(act.data).warnings)} />
      {stops && drains && (
        <ConfirmDialog
          title={t('End open tasks')}
          text={t('They end now without a decision, and the campaign with them. Answers that are in are paid.')}
          confirm={t('End them now')}
          pending={act.isPending}
          error={act.error}
          onConfirm={() => ends('cancel')}
          onClose={() => setStops(false)}
        />
      )}
      {stops && !drains && (
        <ConfirmDialog
          title={t('Stop the campaign')}
          text={t(
            'Nothing more is chosen. Tasks that are open are finished first, or end now without a decision, and answers that are in are paid; then it ends for good, and what was reserved beyond them is free again.',
          )}
          confirm={t('Finish open tasks')}
          other={{ confirm: t('End open tasks'), onConfirm: () => ends('cancel') }}
          pending={act.isPending}
          error={act.error}
          onConfirm={() => ends('stop')}
          onClose={() => setStops(false)}
        />
      )}
    </>
  );
}

type Format = 'jsonl' | 'csv' | 'parquet' | 'dpo';

function Export({ campaign: { id, name, type } }: { campaign: Campaign }) {
  const [format, setFormat] = useState<Format>('jsonl');
  const pairs = type === 'preference_ranking' || type === 'pairwise';
  const download = useMutation({
    mutationFn: async () => {
      const response = await send('GET', `/v1/campaigns/${id}/export?format=${format}`);
      if (!response.ok) {
        const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
        throw new Error(detail ?? t('The export failed.'));
      }
      const file = `${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}.${format === 'dpo' ? 'dpo.jsonl' : format}`;
      saveFile(file, await response.blob());
    },
  });
  return (
    <section className="card" aria-labelledby="export-title">
      <h2 id="export-title">{t('Export')}</h2>
      <p className="dim">{t('All decisions so far, with confidence and revision.')}</p>
      <div className="page-head">
        <NativeSelect
          aria-label={t('Format')}
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as Format)}
          data={[
            { value: 'jsonl', label: t('JSON Lines') },
            { value: 'csv', label: 'CSV' },
            { value: 'parquet', label: 'Parquet' },
            ...(pairs ? [{ value: 'dpo', label: t('DPO preference data') }] : []),
          ]}
        />
        <Button variant="default" loading={download.isPending} onClick={() => download.mutate()}>
          {t('Download')}
        </Button>
      </div>
      <FaultNotice error={download.error} />
    </section>
  );
}
