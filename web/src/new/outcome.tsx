import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, Problem, unwrap } from '../api/client';
import { StartWarnings } from '../campaigns/start-warnings';
import { fieldsOf } from '../forms/read';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { faultsCsv, saveFile } from '../ui/save-file';
import { count, counted } from '../ui/text';

export interface Imported {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejectedCount: number;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

type Rejected = Imported['rejected'];

const inSource = (rejected: Rejected, lines: readonly number[]): Rejected =>
  rejected.map(({ line, reason }) => ({ line: lines[line - 1] ?? line, reason }));

/** With the lines of the requester's own file, in place of those that were sent. */
export function withLines(imported: Imported, lines: readonly number[]): Imported {
  return { ...imported, rejected: inSource(imported.rejected, lines) };
}

/** An import of which nothing could be used is refused as a whole, with the same list; other errors stay what they are. */
export function faultWithLines(error: unknown, lines: readonly number[]): unknown {
  const refused = refusedAll(error);
  if (!refused || !(error instanceof Problem)) return error;
  const message = t('No row could be imported. The campaign is made, and waits for rows: mend them, and try again.');
  return new Problem(error.status, error.code, message, withLines(refused, lines));
}

/** What an import that was refused as a whole says of its rows; undefined of other errors. */
export function refusedAll(error: unknown): Imported | undefined {
  const { rejected, rejectedCount } = fieldsOf(error instanceof Problem ? error.details : null);
  if (!Array.isArray(rejected) || typeof rejectedCount !== 'number') return undefined;
  return { accepted: 0, duplicates: 0, rejected: rejected as Rejected, rejectedCount };
}

/** Rows that were refused, with why; nothing where none was. */
export function Refused({ rejected, rejectedCount }: Pick<Imported, 'rejected' | 'rejectedCount'>) {
  if (rejected.length === 0) return null;
  return (
    <>
      <DataTable
        caption={t('Refused rows')}
        rows={rejected.slice(0, 20)}
        keyOf={({ line }) => String(line)}
        columns={[
          { title: t('Line'), number: true, cell: ({ line }) => count(line) },
          { title: t('Why'), cell: ({ reason }) => reason },
        ]}
      />
      <Button variant="default" onClick={() => saveFile('rejected-rows.csv', faultsCsv('line', rejected))}>
        {rejectedCount > rejected.length
          ? t('Download the first {length} refused rows with reasons', { length: count(rejected.length) })
          : t('Download all refused rows with reasons')}
      </Button>
    </>
  );
}

/** How many rows are in, in words. */
export const saidOf = ({ accepted, duplicates, rejectedCount }: Imported): string =>
  t('{rows} in, {duplicates} were in already, {rejectedCount} were refused.', {
    rows: counted(accepted, 'row is', 'rows are'),
    duplicates: count(duplicates),
    rejectedCount: count(rejectedCount),
  });

/** What became of the rows, and the start. */
export function Outcome({ id, imported }: { id: string; imported: Imported }) {
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/campaigns/{id}/start', { params: { path: { id } } })),
    onSuccess: ({ warnings }) =>
      warnings.length === 0 ? navigate({ to: '/campaigns/$id', params: { id } }) : undefined,
  });
  const { accepted, duplicates, rejected, rejectedCount } = imported;
  return (
    <div className="page page-narrow">
      <section className="card stack">
        <h1>{t('The campaign is made')}</h1>
        <p role="status">{saidOf(imported)}</p>
        <Refused rejected={rejected} rejectedCount={rejectedCount} />
        <FaultNotice error={start.error} />
        {start.data && <StartWarnings texts={start.data.warnings} />}
        <div className="page-head">
          {!start.data && (
            <Button loading={start.isPending} disabled={accepted + duplicates === 0} onClick={() => start.mutate()}>
              {t('Start it')}
            </Button>
          )}
          <Link to="/campaigns/$id" params={{ id }}>
            {t(start.data ? 'Go to the campaign' : 'Look at it first')}
          </Link>
        </div>
      </section>
    </div>
  );
}
