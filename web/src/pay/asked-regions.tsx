import { Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import type { Ok } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { RowButton } from '../ui/row-button';
import { dollarsOf } from '../ui/text';

const VERDICTS = { confirmed: 'Confirm', refused: 'Refuse' } as const;

type Asked = Ok<'/v1/asked-regions', 'get'>['items'][number];

interface Ruling {
  readonly id: string;
  readonly region: string;
  readonly verdict: keyof typeof VERDICTS;
}

/** Regions of a higher floor that annotators say they work in: an owner confirms them. Nothing where there are none. */
export function AskedRegions({ owns }: { owns: boolean }) {
  const queries = useQueryClient();
  const pages = usePages(['asked-regions'], (page) =>
    unwrap(api.GET('/v1/asked-regions', { params: { query: { limit: 50, ...page } } })),
  );
  const rule = useMutation({
    mutationFn: ({ id, ...body }: Ruling) =>
      unwrap(api.POST('/v1/annotators/{id}/region', { params: { path: { id } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['asked-regions'] }),
  });
  if (pages.items.length === 0 && !pages.error) return null;
  return (
    <section className="card" aria-labelledby="regions-title">
      <h2 id="regions-title">{t('Regions to confirm')}</h2>
      <p className="dim">
        {t(
          'These annotators say that they work where the floor of an hour is higher. It holds once an owner confirms it.',
        )}
      </p>
      <FaultNotice error={pages.error ?? rule.error} />
      <DataTable
        caption={t('Regions to confirm')}
        rows={pages.items}
        keyOf={({ annotatorId }) => annotatorId}
        columns={[
          { title: t('Annotator'), cell: ({ annotator }) => <span className="label-text">{annotator}</span> },
          { title: t('Region'), cell: ({ region, asked }) => `${region ?? t('not known')} → ${asked}` },
          {
            title: t('An hour'),
            cell: ({ floorUsd, askedFloorUsd }) => `${dollarsOf(floorUsd)} → ${dollarsOf(askedFloorUsd)}`,
          },
          ...(owns
            ? [
                {
                  title: t('Rule'),
                  cell: ({ annotatorId: id, annotator, asked: region }: Asked) => (
                    <Group gap={6}>
                      {(['confirmed', 'refused'] as const).map((verdict) => (
                        <RowButton
                          key={verdict}
                          of={`${annotator}, ${region}`}
                          onClick={() => rule.mutate({ id, region, verdict })}
                        >
                          {t(VERDICTS[verdict])}
                        </RowButton>
                      ))}
                    </Group>
                  ),
                },
              ]
            : []),
        ]}
      />
      <MoreButton pages={pages} />
    </section>
  );
}
