import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Ok } from '../api/types';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { type Asked, bodyOf, knownBy, START } from './asked';
import { CrowdFields, type PilotFiles } from './crowd-fields';
import { Elsewhere } from './elsewhere';
import { PlanFields } from './plan-fields';
import { Planned } from './planned';

export type PlanAnswer = Ok<'/v1/plan', 'post'>;
export type PlannedOption = PlanAnswer['options'][number];

/** What a campaign would come to before there is one; with `?campaign=` by what that one's golds have shown. */
export function PlanPage() {
  useOffice();
  const { campaign } = useSearch({ strict: false });
  const [asked, setAsked] = useState<Asked>(
    campaign === undefined ? START : { ...START, ...knownBy('campaign', campaign) },
  );
  const [files, setFiles] = useState<PilotFiles>({});
  const set = (change: Partial<Asked>) => setAsked((before) => ({ ...before, ...change }));
  const plan = useMutation({
    mutationFn: async () => {
      const { answers, gold } = files;
      const pilot = answers && gold ? { answers: [...answers], gold: [...gold] } : undefined;
      return unwrap(api.POST('/v1/plan', { body: bodyOf(asked, pilot) }));
    },
  });
  const missing = missingOf(asked, files);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    plan.mutate();
  };
  return (
    <div className="page">
      <PageTitle of={t('Plan')} />
      <div className="page-head">
        <h1>{t('Plan a campaign')}</h1>
      </div>
      <form className="stack" onSubmit={submit}>
        <PlanFields asked={asked} set={set} />
        <CrowdFields asked={asked} set={set} files={files} onFiles={setFiles} />
        <div className="page-head">
          <Button type="submit" loading={plan.isPending} disabled={missing !== undefined}>
            {t('Plan it')}
          </Button>
          <p className="dim" role="status">
            {plan.isPending
              ? t('Simulating; it takes some seconds…')
              : (missing ?? (plan.data ? '' : t('Each policy is simulated twenty times.')))}
          </p>
        </div>
        <FaultNotice error={plan.error} />
      </form>
      {plan.data && <Planned plan={plan.data} />}
      <Elsewhere asked={asked} tasks={asked.tasks ?? plan.data?.assumptions.tasks ?? null} />
    </div>
  );
}

/** What has to be filled in before there can be a plan. */
function missingOf(asked: Asked, files: PilotFiles): string | undefined {
  if (asked.from !== 'campaign') {
    if (asked.tasks === null) return t('How many tasks?');
    if (asked.annotators === null) return t('How many annotators?');
  }
  if (asked.from === 'assumed' && asked.rightPercent === null) return t('How many answers are right?');
  if (asked.from === 'campaign' && asked.campaignId === '') return t('Which campaign?');
  if (asked.from === 'files' && !(files.answers && files.gold))
    return t('A pilot needs answers and their known labels.');
  if (asked.judges && asked.judgePercent === null) return t('How many answers of the judge are right?');
  return undefined;
}
