import { Badge, Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { count, dateText, dollars, words } from '../ui/text';
import { usdInput } from './usd-input';

export const RUN_COLORS = {
  collecting: 'blue',
  frozen: 'yellow',
  approved: 'blue',
  exported: 'blue',
  closed: 'green',
  cancelled: 'gray',
} as const;

/** The month that ended last, as `2026-10` (UTC). */
function lastMonth(nowMs: number): string {
  const now = new Date(nowMs);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

/** Payout runs, newest first; the owner begins one a month. */
export function Runs({ owns }: { owns: boolean }) {
  const pages = usePages(['payouts'], (page) =>
    unwrap(api.GET('/v1/payouts', { params: { query: { limit: 24, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="runs-title">
      <h2 id="runs-title">{t('Payout runs')}</h2>
      <p className="dim">
        {t(
          "One a month. A run collects what is owed and freezes it; a person approves it; the bank's file goes out once, and its report closes the run.",
        )}
      </p>
      {owns && <Begin />}
      <PagedTable
        pages={pages}
        empty={<p>{t('No month has been paid out yet.')}</p>}
        caption={t('Payout runs')}
        columns={[
          {
            title: t('Month'),
            cell: ({ id, period }) => (
              <Link to="/pay/$id" params={{ id }}>
                {period}
              </Link>
            ),
          },
          {
            title: t('State'),
            cell: ({ state }) => (
              <Badge variant="light" color={RUN_COLORS[state]}>
                {words(state)}
              </Badge>
            ),
          },
          { title: t('Payments'), number: true, cell: ({ items }) => count(items) },
          { title: t('Total'), number: true, cell: ({ totalMicros }) => dollars(totalMicros) },
          { title: t('Arrived'), number: true, cell: ({ paidMicros }) => dollars(paidMicros) },
          { title: t('To find out'), number: true, cell: ({ ambiguous }) => count(ambiguous) },
          { title: t('Begun'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
        ]}
      />
    </section>
  );
}

function Begin() {
  const navigate = useNavigate();
  const [period, setPeriod] = useState(() => lastMonth(serverNow()));
  const [least, setLeast] = useState('');
  const begin = useMutation({
    mutationFn: async () => {
      const body = { period, ...(least.trim() === '' ? {} : { leastUsd: least.trim() }) };
      return unwrap<{ id: string }>(api.POST('/v1/payouts', { body }));
    },
    onSuccess: ({ id }) => navigate({ to: '/pay/$id', params: { id } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <form onSubmit={submit}>
      <div className="fields">
        <TextInput
          label={t('Month')}
          description={t('One that has ended (UTC), such as 2026-10.')}
          required
          pattern="[2-9]\d{3}-(0[1-9]|1[0-2])"
          title={t('One that has ended (UTC), such as 2026-10.')}
          value={period}
          onChange={(event) => setPeriod(event.currentTarget.value)}
        />
        <TextInput
          label={t('Least payment ($, optional)')}
          description={t('Who is owed less waits for the next run.')}
          {...usdInput(false)}
          value={least}
          onChange={(event) => setLeast(event.currentTarget.value)}
        />
      </div>
      <FaultNotice error={begin.error} />
      <Button mt="sm" mb="sm" type="submit" loading={begin.isPending}>
        {t('Begin the run')}
      </Button>
    </form>
  );
}
