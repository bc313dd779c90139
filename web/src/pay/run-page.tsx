import { Badge, Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send, unwrap } from '../api/client';
import type { PayoutRun } from '../api/types';
import { sessionQuery } from '../auth/session';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { saveFile } from '../ui/save-file';
import { count, counted, dateText, dollars } from '../ui/text';
import { PayoutActs } from './acts';
import { Payments } from './payments';
import { ReportUpload } from './report-upload';
import { RUN_COLORS } from './runs';

const NEXT: Readonly<Record<PayoutRun['state'], string>> = {
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
  const { id = '' } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const run = useQuery({
    queryKey: ['payout', id],
    queryFn: (): Promise<PayoutRun> => unwrap(api.GET('/v1/payouts/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data?.state === 'closed' || data?.state === 'cancelled' ? false : 3000),
  });
  if (!run.data) {
    return (
      <div className="page">
        <FaultNotice error={run.error} />
        {!run.error && <p role="status">Loading…</p>}
      </div>
    );
  }
  const owns = session?.role === 'owner';
  const { period, state, note, cannotApprove } = run.data;
  return (
    <div className="page">
      <p>
        <Link to="/pay">← Pay</Link>
      </p>
      <div className="page-head">
        <h1>Payout of {period}</h1>
        <Badge variant="light" color={RUN_COLORS[state]}>
          {state}
        </Badge>
        <span className="spacer" />
        {owns && <Acts run={run.data} />}
      </div>
      <p className="dim lead" role="status">
        {NEXT[state]} {note}
      </p>
      <p className="dim lead">
        {whoText(run.data)} {owns && cannotApprove}
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
  const approved = approvedByName === null ? '' : `, approved by ${approvedByName}`;
  return `Begun by ${startedByName} on ${dateText(createdAt)}${approved}.`;
}

/** What approving lets go. */
function approvalText({ period, items, totalMicros, withoutAccount }: PayoutRun): string {
  const left =
    withoutAccount === 0
      ? ''
      : ` ${count(withoutAccount)} more ${withoutAccount === 1 ? 'is' : 'are'} left for the next run.`;
  return `${dollars(totalMicros)} go to ${counted(items, 'recipient')} for ${period}.${left} The bank's file is fixed, and vendors are asked to pay their workers: this cannot be taken back.`;
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
          <dt>{name}</dt>
          <dd>
            {value}
            {name === 'Payments' && run.withoutAccount > 0 && (
              <small>
                {count(run.withoutAccount)} more have not said where their pay goes ({dollars(run.withoutAccountMicros)}
                )
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
      if (!response.ok) throw new Error('The file could not be read; try again.');
      saveFile(`payout-${period}.csv`, await response.blob());
    },
  });
  return (
    <Group gap="xs">
      {state === 'frozen' && (
        <>
          {cannotApprove === null && (
            <Button size="xs" onClick={() => setApproves(true)}>
              Approve
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setCancels(true)}>
            Cancel the run
          </Button>
        </>
      )}
      {(state === 'exported' || state === 'closed') && (
        <Button size="xs" variant="default" loading={download.isPending} onClick={() => download.mutate()}>
          Download the bank's file
        </Button>
      )}
      <FaultNotice error={download.error} />
      {approves && (
        <ConfirmDialog
          title={`Approve the payout of ${period}`}
          text={approvalText(run)}
          confirm="Approve it"
          pending={approve.isPending}
          error={approve.error}
          onConfirm={() => approve.mutate()}
          onClose={() => setApproves(false)}
        />
      )}
      {cancels && (
        <ReasonModal
          title={`Cancel the payout of ${period}`}
          hint="Nothing goes out; everything is owed again."
          confirm="Cancel the run"
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
