import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Fact } from '../ui/fact';
import { FaultNotice } from '../ui/page-error';
import { dollars } from '../ui/text';
import { Warnings } from '../ui/warnings';
import { usdInput } from './usd-input';

/** What all campaigns may cost together, how much of it is drawn, and for owners a field to change it. */
export function OrganisationCap({ owns }: { owns: boolean }) {
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['organisation-budget'],
    queryFn: () => unwrap(api.GET('/v1/budget')),
  });
  const [usd, setUsd] = useState('');
  const set = useMutation({
    mutationFn: (capUsd: string | null) => unwrap(api.PUT('/v1/budget', { body: { capUsd } })),
    onSuccess: (answer) => {
      queries.setQueryData(['organisation-budget'], answer);
      setUsd('');
      setLifts(false);
    },
  });
  const [lifts, setLifts] = useState(false);
  const cap = data?.cap;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(usd.trim());
  };
  return (
    <section className="card" aria-labelledby="cap-title">
      <h2 id="cap-title">{t('All campaigns together')}</h2>
      <p className="dim">
        {t('The most that they may reserve and spend, whatever each of them may by itself. A change holds at once.')}
      </p>
      <FaultNotice error={error} />
      {cap && (
        <dl className="legend">
          <Fact name={t('Cap')} value={dollars(cap.capMicros)} />
          <Fact name={t('Reserved and spent')} value={dollars(cap.drawnMicros)} />
          <Fact name={t('Left')} value={dollars(Math.max(0, cap.capMicros - cap.drawnMicros))} />
        </dl>
      )}
      {data && !cap && <p role="status">{t('There is no cap.')}</p>}
      {data && <Warnings warnings={data.warnings} />}
      {owns && (
        <form onSubmit={submit}>
          <div className="fields">
            <TextInput
              label={t('New cap ($)')}
              {...usdInput()}
              value={usd}
              onChange={(event) => setUsd(event.currentTarget.value)}
            />
          </div>
          <FaultNotice error={set.error} />
          <div className="page-head fields-apart">
            <Button type="submit" size="xs" loading={set.isPending}>
              {t('Set the cap')}
            </Button>
            {cap && (
              <Button size="xs" variant="default" disabled={set.isPending} onClick={() => setLifts(true)}>
                {t('Lift it')}
              </Button>
            )}
          </div>
        </form>
      )}
      {lifts && (
        <ConfirmDialog
          title={t('Lift the cap')}
          text={t('All campaigns together may then spend as much as each of them may by itself.')}
          confirm={t('Lift it')}
          pending={set.isPending}
          error={set.error}
          onConfirm={() => set.mutate(null)}
          onClose={() => setLifts(false)}
        />
      )}
    </section>
  );
}
