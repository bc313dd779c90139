import { Button, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';
import { STRATEGIES, type Strategy } from '../new/settings';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, words } from '../ui/text';
import { SCORE_PARTS, scorePart } from './story';

const SHOWN = 10;

/** What a strategy would choose next, with the parts of each score. Nothing is chosen by looking. */
export function SelectionPreview({ campaign: { id, strategy: own } }: { campaign: Campaign }) {
  const [strategy, setStrategy] = useState<Strategy>(own);
  const look = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST('/v1/campaigns/{id}/selection/preview', {
          params: { path: { id } },
          body: { strategy, count: SHOWN },
        }),
      ),
  });
  const parts = SCORE_PARTS.filter(([part]) => look.data?.items.some(({ selection }) => scorePart(selection, part)));
  return (
    <section className="card" aria-labelledby="preview-title">
      <h2 id="preview-title">{t('What would be chosen next')}</h2>
      <p className="dim">{t('A look that changes nothing: no item is taken and no money reserved.')}</p>
      <div className="page-head">
        <NativeSelect
          aria-label={t('Strategy')}
          value={strategy}
          onChange={(event) => setStrategy(event.currentTarget.value as Strategy)}
          data={STRATEGIES.map((value) => ({
            value,
            label: value === own ? t('{value} (own)', { value: words(value) }) : words(value),
          }))}
        />
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
          {t('Look')}
        </Button>
      </div>
      <FaultNotice error={look.error} />
      {look.data && (
        <>
          <p role="status">
            {t('Round {round}, by {strategy}{byModel}', {
              round: count(look.data.round),
              strategy: words(look.data.strategy),
              byModel: look.data.byModel ? t(', as the model stands') : t('; no model has a part in it'),
            })}
            {look.data.items.length === 0 && t(': the pool is empty')}.
          </p>
          <DataTable
            caption={t('Items that would be chosen next')}
            rows={look.data.items}
            keyOf={({ itemId }) => itemId}
            columns={[
              {
                title: t('Item'),
                cell: ({ key, text }) => (
                  <>
                    <span className="label-text">{key.slice(0, 40)}</span>
                    <div className="dim label-text" dir="auto">
                      {text.slice(0, 120)}
                    </div>
                  </>
                ),
              },
              ...parts.map(([part, title]) => ({
                title: t(title),
                number: true,
                cell: ({ selection }: { selection: Readonly<Record<string, unknown>> }) =>
                  scorePart(selection, part) ?? '–',
              })),
            ]}
          />
        </>
      )}
    </section>
  );
}
