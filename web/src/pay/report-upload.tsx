import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { readReport } from './report';

/** Takes in what the bank says of each payment. */
export function ReportUpload({ id }: { id: string }) {
  const queries = useQueryClient();
  const upload = useMutation({
    mutationFn: async (file: File) =>
      unwrap(
        api.POST('/v1/payouts/{id}/report', {
          params: { path: { id } },
          body: { lines: readReport(await file.text()) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['payout', id] }),
  });
  return (
    <section className="card" aria-labelledby="report-title">
      <h2 id="report-title">{t("The bank's report")}</h2>
      <p className="dim">
        {t(
          'CSV with reference (or end_to_end_id), amount and status: paid, failed, returned or pending. The same report again changes nothing.',
        )}
      </p>
      <label className="file">
        <span>{t('Take in a report')}</span>
        <input
          type="file"
          accept=".csv,text/csv"
          disabled={upload.isPending}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) upload.mutate(file);
            event.currentTarget.value = '';
          }}
        />
      </label>
      <FaultNotice error={upload.error} />
      {upload.isSuccess && <p role="status">{t('The report is taken in.')}</p>}
    </section>
  );
}
