import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { faultsCsv, saveFile } from '../ui/save-file';
import { count } from '../ui/text';

export interface Imported {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejectedCount: number;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

/** What became of the rows, and the start. */
export function Outcome({ id, imported }: { id: string; imported: Imported }) {
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/campaigns/{id}/start', { params: { path: { id } } })),
    onSuccess: () => navigate({ to: '/campaigns/$id', params: { id } }),
  });
  const { accepted, duplicates, rejected, rejectedCount } = imported;
  return (
    <div className="page page-narrow">
      <section className="card stack">
        <h1>The campaign is made</h1>
        <p role="status">
          {count(accepted)} rows are in, {count(duplicates)} were there twice, {count(rejectedCount)} were refused.
        </p>
        {rejected.length > 0 && (
          <>
            <DataTable
              caption="Refused rows"
              rows={rejected.slice(0, 20)}
              keyOf={({ line }) => String(line)}
              columns={[
                { title: 'Row', number: true, cell: ({ line }) => count(line) },
                { title: 'Why', cell: ({ reason }) => reason },
              ]}
            />
            <Button variant="default" onClick={() => saveFile('rejected-rows.csv', faultsCsv('row', rejected))}>
              Download all refused rows with reasons
            </Button>
          </>
        )}
        <FaultNotice error={start.error} />
        <div className="page-head">
          <Button loading={start.isPending} disabled={accepted === 0} onClick={() => start.mutate()}>
            Start it
          </Button>
          <Link to="/campaigns/$id" params={{ id }}>
            Look at it first
          </Link>
        </div>
      </section>
    </div>
  );
}
