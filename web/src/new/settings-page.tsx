import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { mayManage, sessionQuery } from '../auth/session';
import { itemsOf } from '../campaigns/budget';
import { CampaignLink } from '../campaigns/campaign-link';
import { StartWarnings } from '../campaigns/start-warnings';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { AwaitedPage } from '../ui/awaited-page';
import { Fact } from '../ui/fact';
import { LeaveGuard } from '../ui/leave-guard';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { AskedFields, InstructionsFields } from './asked-fields';
import { Forecast } from './forecast';
import { MoreFields } from './more-fields';
import { RuleFields } from './rule-fields';
import { asksAll, type Body, changesOf, type Settings, settingsOf } from './settings';
import { changeableFacts, fixedFacts, type SettingFact } from './settings-facts';
import { settingsFault } from './settings-fault';

interface Own {
  readonly campaign: Campaign;
  /** The body it would be created with. */
  readonly body: Body;
}

async function ownOf(id: string): Promise<Own> {
  const path = { id };
  const [campaign, body] = await Promise.all([
    unwrap(api.GET('/v1/campaigns/{id}', { params: { path } })),
    unwrap(api.GET('/v1/campaigns/{id}/template', { params: { path, query: { copy: 'false' } } })),
  ]);
  return { campaign, body };
}

/** The settings of a campaign that is there: a draft in the form it was made in, later what can still be changed, and all else in words. */
export function SettingsPage() {
  useOffice();
  const { id = '' } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  // What was read for an earlier visit is no start for this one.
  const own = useQuery({ queryKey: ['campaign', id, 'settings'], queryFn: () => ownOf(id), gcTime: 0 });
  if (!own.data) return <AwaitedPage title={t('Settings')} error={own.error} />;
  const { campaign, body } = own.data;
  const ended = campaign.state === 'finished' || campaign.state === 'stopped';
  if (session && mayManage(session.role) && !ended) return <Editor key={id} own={own.data} />;
  const settings = settingsOf(body);
  return (
    <div className="page">
      <Head campaign={campaign} />
      <Facts title={t('Settings')} facts={[...fixedFacts(settings), ...changeableFacts(settings)]} body={body} />
    </div>
  );
}

function Head({ campaign: { id, name } }: { campaign: Campaign }) {
  return (
    <>
      <PageTitle of={t('Settings of {name}', { name })} />
      <div className="page-head">
        <h1>{t('Settings')}</h1>
        <CampaignLink id={id} name={name} />
      </div>
    </>
  );
}

function Facts({ title, facts, body }: { title: string; facts: readonly SettingFact[]; body: Body }) {
  return (
    <section className="card" aria-labelledby="facts-title">
      <h2 id="facts-title">{title}</h2>
      <dl className="legend facts">
        {facts.map((fact) => (
          <Fact key={fact.name} {...fact} />
        ))}
      </dl>
      <details>
        <summary>{t('All settings, as the API has them (JSON)')}</summary>
        <pre className="pre">{JSON.stringify(body, null, 2)}</pre>
      </details>
    </section>
  );
}

function Editor({ own }: { own: Own }) {
  const queries = useQueryClient();
  const { id } = own.campaign;
  // As the page was opened, or saved: what others change meanwhile is not changed back.
  const [base, setBase] = useState(own);
  const [settings, setSettings] = useState(() => settingsOf(own.body));
  const old = base.body;
  const draft = base.campaign.state === 'draft';
  const fault = settingsFault(settings, old);
  const changes = fault === undefined ? changesOf(settings, old, { draft }) : {};
  const changed = fault !== undefined || Object.keys(changes).length > 0;
  const set = (change: Partial<Settings>) => {
    save.reset();
    setSettings((before) => {
      const next = { ...before, ...change };
      return change.workforces ? asksAll(next, old) : next;
    });
  };
  const save = useMutation({
    mutationFn: async () => {
      if (Object.keys(changes).length > 0)
        await unwrap(api.PATCH('/v1/campaigns/{id}', { params: { path: { id } }, body: changes }));
      const after = await ownOf(id);
      setBase(after);
      setSettings(settingsOf(after.body));
      void queries.invalidateQueries({ queryKey: ['campaign', id] });
    },
  });
  const start = useMutation({
    mutationFn: async () => {
      if (changed) await save.mutateAsync();
      return unwrap(api.POST('/v1/campaigns/{id}/start', { params: { path: { id } } }));
    },
  });
  if (start.data) {
    if (start.data.warnings.length === 0) return <Navigate to="/campaigns/$id" params={{ id }} />;
    return (
      <div className="page page-narrow">
        <Head campaign={base.campaign} />
        <StartWarnings texts={start.data.warnings} />
      </div>
    );
  }
  const { gold } = base.campaign.counts;
  const act = (
    <div className="maker-act">
      <FaultNotice error={save.error ?? start.error} />
      <div className="page-head">
        <Button
          size="md"
          variant={draft ? 'default' : 'filled'}
          disabled={fault !== undefined || !changed}
          loading={save.isPending && !start.isPending}
          onClick={() => save.mutate()}
        >
          {draft ? t('Save draft') : t('Save')}
        </Button>
        {draft && (
          <Button size="md" disabled={fault !== undefined} loading={start.isPending} onClick={() => start.mutate()}>
            {t('Start')}
          </Button>
        )}
        <span className="dim" role="status">
          {fault ?? (save.isSuccess && !changed ? t('Saved.') : '')}
        </span>
      </div>
    </div>
  );
  return (
    <div className="page">
      <Head campaign={base.campaign} />
      <LeaveGuard when={changed} />
      {draft ? (
        <div className="maker">
          <div className="stack">
            <AskedFields settings={settings} set={set} />
            <InstructionsFields settings={settings} set={set} />
            <RuleFields settings={settings} set={set} />
            <MoreFields settings={settings} set={set} />
          </div>
          <div className="maker-side">
            <Forecast settings={settings} old={old} rows={itemsOf(base.campaign) + gold} golds={gold} />
          </div>
          {act}
        </div>
      ) : (
        <div className="stack">
          <p className="dim">
            {t(
              'What is saved here holds from now on: for what is chosen and handed out next. Limits and instructions have panels of their own on the page of the campaign.',
            )}
          </p>
          <RuleFields settings={settings} set={set} started />
          <MoreFields settings={settings} set={set} started />
          {act}
          <Facts title={t('What stays as it is')} facts={fixedFacts(settings)} body={old} />
        </div>
      )}
    </div>
  );
}
