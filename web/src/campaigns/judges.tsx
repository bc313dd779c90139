import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textsOf } from '../forms/read';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { counted, dollars, words } from '../ui/text';
import { JudgeCards } from '../vendors/judge-cards';

const CAUSES = {
  worse: 'It agrees with people less than they do with one another.',
  fell: 'Its agreement with people has fallen.',
  replaced: 'Its model has another version now.',
} as const;

const COLORS = { learning: 'gray', trusted: 'green', distrusted: 'red' } as const;

const shareText = ({ same, of }: { same: number; of: number }) => (of === 0 ? '–' : t('{same} of {of}', { same, of }));

/** How far each LLM judge is trusted, and what judges decided alone; nothing where none is asked. */
export function Judges({ campaign: { id, settings }, ended }: { campaign: Campaign; ended: boolean }) {
  const asked = textsOf(settings.workforces).includes('llm');
  const { data, error } = useQuery({
    queryKey: ['campaign', id, 'judges'],
    enabled: asked,
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/judges', { params: { path: { id } } })),
    refetchInterval: ended ? false : 10_000,
  });
  if (!asked) return null;
  return (
    <section className="card" aria-labelledby="judges-title">
      <h2 id="judges-title">{t('Judges')}</h2>
      <p className="dim">
        {t(
          'A judge decides alone only where audits by people support it. One that falls below stays distrusted, and one whose model has another version is another judge; what leaned on them is asked again.',
        )}
      </p>
      <FaultNotice error={error} />
      {data && (
        <p>
          {t(
            'Judges decided {decidedAlone} alone for {aloneMicros}; with people {decidedWithPeople} decided for {withPeopleMicros}',
            {
              decidedAlone: counted(data.decidedAlone, 'task'),
              aloneMicros: dollars(data.aloneMicros),
              decidedWithPeople: counted(data.decidedWithPeople, 'task was', 'tasks were'),
              withPeopleMicros: dollars(data.withPeopleMicros),
            },
          )}
          {data.reopened > 0 &&
            t('; {reopened} opened again', { reopened: counted(data.reopened, 'task was', 'tasks were') })}
          .
        </p>
      )}
      {data && data.items.length > 0 && (
        <DataTable
          caption={t('Judges of this campaign')}
          rows={data.items}
          keyOf={({ annotatorId }) => annotatorId}
          columns={[
            { title: t('Judge'), cell: ({ judge }) => <span className="label-text">{judge}</span> },
            {
              title: t('Trust'),
              cell: ({ trust, cause, replacedBy }) => (
                <>
                  <Badge variant="light" color={COLORS[trust]}>
                    {words(trust)}
                  </Badge>
                  {cause && <div className="dim">{t(CAUSES[cause])}</div>}
                  {replacedBy !== null && (
                    <div className="dim">{t('{replacedBy} answers in its place.', { replacedBy })}</div>
                  )}
                </>
              ),
            },
            { title: t('Agrees with people'), number: true, cell: ({ agrees }) => shareText(agrees) },
            { title: t('Lately'), number: true, cell: ({ recent }) => shareText(recent) },
            { title: t('People with one another'), number: true, cell: ({ people }) => shareText(people) },
            {
              title: t('Errors like another judge’s'),
              number: true,
              cell: ({ correlation }) => correlation.toFixed(2),
            },
          ]}
        />
      )}
      <JudgeCards cards={data?.cards ?? []} />
    </section>
  );
}
