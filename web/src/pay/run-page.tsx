import { Badge, Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send, unwrap } from '../api/client';
import type { PayoutRun } from '../api/types';
import { sessionQuery } from '../auth/session';
import { useOffice } from '../i18n';
import { type Text, t } from '../i18n/office';
import { AwaitedPage } from '../ui/awaited-page';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { InEnglish } from '../ui/in-english';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { ReasonModal } from '../ui/reason-modal';
import { saveFile } from '../ui/save-file';
import { count, counted, dateText, dollars, words } from '../ui/text';
import { PayoutActs } from './acts';
import { Payments } from './payments';
import { ReportUpload } from './report-upload';
import { RUN_COLORS } from './runs';

const NEXT: Readonly<Record<PayoutRun['state'], Text>> = {
  collecting: 'What is owed is being collected.',
  frozen: 'Look at the payments, then approve the run, or cancel it: everything is owed again.',
  approved: "The bank's file is being fixed.",
  exported:
    'Send the file to the bank, then take in its report. Vendors whose workers are paid by acceptance are asked now. What has no outcome in 14 days is for a person to find out.',
  closed: 'Every payment has an outcome, and the books say what the bank says.',
  cancelled: 'Everything is owed again, and part of the next run.',
};

/** One payout run: its payments, and what a person has to do next. */
export function PayoutRunPage() {
  useOffice();
  const { id = '' } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const run = useQuery({
    queryKey: ['payout', id],
    queryFn: (): Promise<PayoutRun> => unwrap(api.GET('/v1/payouts/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data?.state === 'closed' || data?.state === 'cancelled' ? false : 3000),
  });
  if (!run.data) return <AwaitedPage title={t('Pay')} error={run.error} />;
  const owns = session?.role === 'owner';
  const { period, state, note, cannotApprove } = run.data;
  return (
    <div className="page">
      <PageTitle of={t('Payout of {period}', { period })} />
      <p>
        <Link to="/pay">{t('← Pay')}</Link>
      </p>
      <div className="page-head">
        <h1>{t('Payout of {period}', { period })}</h1>
        <Badge variant="light" color={RUN_COLORS[state]}>
          {words(state)}
        </Badge>
        <span className="spacer" />
        {owns && <Acts run={run.data} />}
      </div>
      <p className="dim lead" role="status">
        {t(NEXT[state])} <InEnglish text={note ?? ''} />
      </p>
      <p className="dim lead">
        {whoText(run.data)} {owns && <InEnglish text={cannotApprove ?? ''} />}
      </p>
      <Figures run={run.data} />
      <div className="stack">
        {owns && state === 'exported' && <ReportUpload id={id} />}
        <Payments run={run.data} owns={owns} />
        <PayoutActs runId={id} />
      </div>
    </div>
  );
}

function whoText({ startedByName, createdAt, approvedByName }: PayoutRun): string {
  const approved = approvedByName === null ? '' : t(', approved by {approvedByName}', { approvedByName });
  return t('Begun by {startedByName} on {createdAt}{approved}.', {
    startedByName,
    createdAt: dateText(createdAt),
    approved,
  });
}

/** What approving lets go. */
function approvalText({ period, items, totalMicros, withoutAccount }: PayoutRun): string {
  const left =
    withoutAccount === 0
      ? ''
      : t(' {recipients} left for the next run.', { recipients: counted(withoutAccount, 'more is', 'more are') });
  return t(
    "{totalMicros} go to {items} for {period}.{left} The bank's file is fixed, and vendors are asked to pay their workers: this cannot be taken back.",
    { totalMicros: dollars(totalMicros), items: counted(items, 'recipient'), period, left },
  );
}

function Figures({ run }: { run: PayoutRun }) {
  const tiles = [
    ['Payments', count(run.items)],
    ['Total', dollars(run.totalMicros)],
    ['Arrived', dollars(run.paidMicros)],
    ['Without an outcome', dollars(run.waitingMicros)],
    ['Came back', dollars(run.failedMicros)],
    ['Difference to the books', dollars(run.differenceMicros)],
  ] as const;
  return (
    <dl className="tiles">
      {tiles.map(([name, value]) => (
        <div className="tile" key={name}>
          <dt>{t(name)}</dt>
          <dd>
            {value}
            {name === 'Payments' && run.withoutAccount > 0 && (
              <small>
                {t('{withoutAccount} more have not said where their pay goes ({withoutAccountMicros})', {
                  withoutAccount: count(run.withoutAccount),
                  withoutAccountMicros: dollars(run.withoutAccountMicros),
                })}
              </small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Acts({ run }: { run: PayoutRun }) {
  const { id, period, state, cannotApprove } = run;
  const queries = useQueryClient();
  const [approves, setApproves] = useState(false);
  const [cancels, setCancels] = useState(false);
  const params = { path: { id } };
  const onSuccess = () => queries.invalidateQueries({ queryKey: ['payout', id] });
  const approve = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/payouts/{id}/approve', { params })),
    onSuccess: async () => {
      await onSuccess();
      setApproves(false);
    },
  });
  const cancel = useMutation({
    mutationFn: (reason: string) => unwrap(api.POST('/v1/payouts/{id}/cancel', { params, body: { reason } })),
    onSuccess: async () => {
      await onSuccess();
      setCancels(false);
    },
  });
  const download = useMutation({
    mutationFn: async () => {
      const response = await send('GET', `/v1/payouts/${id}/file`);
      if (!response.ok) throw new Error(t('The file could not be read; try again.'));
      saveFile(`payout-${period}.csv`, await response.blob());
    },
  });
  return (
    <Group gap="xs">
      {state === 'frozen' && (
        <>
          {cannotApprove === null && (
            <Button size="xs" onClick={() => setApproves(true)}>
              {t('Approve')}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setCancels(true)}>
            {t('Cancel the run')}
          </Button>
        </>
      )}
      {(state === 'exported' || state === 'closed') && (
        <Button size="xs" variant="default" loading={download.isPending} onClick={() => download.mutate()}>
          {t("Download the bank's file")}
        </Button>
      )}
      <FaultNotice error={download.error} />
      {approves && (
        <ConfirmDialog
          title={t('Approve the payout of {period}', { period })}
          text={approvalText(run)}
          confirm={t('Approve it')}
          pending={approve.isPending}
          error={approve.error}
          onConfirm={() => approve.mutate()}
          onClose={() => setApproves(false)}
        />
      )}
      {cancels && (
        <ReasonModal
          title={t('Cancel the payout of {period}', { period })}
          hint={t('Nothing goes out; everything is owed again.')}
          confirm={t('Cancel the run')}
          danger
          pending={cancel.isPending}
          error={cancel.error}
          onConfirm={(reason) => cancel.mutate(reason)}
          onClose={() => setCancels(false)}
        />
      )}
    </Group>
  );
}
