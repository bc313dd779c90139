import { Badge, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textsOf } from '../forms/read';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { counted, dateText, dollars, words } from '../ui/text';
import { JudgeCards } from '../vendors/judge-cards';

const CAUSES = {
  worse: 'It agrees with people less than they do with one another.',
  fell: 'Its agreement with people has fallen.',
  replaced: 'Its model has another version now.',
} as const;

const COLORS = { learning: 'gray', trusted: 'green', distrusted: 'red' } as const;

const shareText = ({ same, of }: { same: number; of: number }) => (of === 0 ? '–' : t('{same} of {of}', { same, of }));

/** How far each LLM judge is trusted, and what judges decided alone; nothing where none is asked. */
export function Judges({ campaign, manages, ended }: { campaign: Campaign; manages: boolean; ended: boolean }) {
  const { id, settings } = campaign;
  const [chosen, setChosen] = useState<string | null>(null);
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
              cell: ({ annotatorId, judge, trust, cause, replacedBy, measuredFrom, measuredWhy }) => (
                <>
                  <Badge variant="light" color={COLORS[trust]}>
                    {words(trust)}
                  </Badge>
                  {cause && <div className="dim">{t(CAUSES[cause])}</div>}
                  {replacedBy !== null && (
                    <div className="dim">{t('{replacedBy} answers in its place.', { replacedBy })}</div>
                  )}
                  {measuredFrom !== null && (
                    <div className="dim">
                      {t('Measured anew since {when}: {why}', { when: dateText(measuredFrom), why: measuredWhy ?? '' })}
                    </div>
                  )}
                  {manages && trust === 'distrusted' && cause !== 'replaced' && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`${t('Measure anew')}: ${judge}`}
                      onClick={() => setChosen(annotatorId)}
                    >
                      {t('Measure anew')}
                    </Button>
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
      {chosen !== null && <MeasureAnew campaignId={id} annotatorId={chosen} onClose={() => setChosen(null)} />}
    </section>
  );
}

interface MeasureAnewProps {
  readonly campaignId: string;
  readonly annotatorId: string;
  readonly onClose: () => void;
}

function MeasureAnew({ campaignId: id, annotatorId, onClose }: MeasureAnewProps) {
  const queries = useQueryClient();
  const measure = useMutation({
    mutationFn: (reason: string) =>
      unwrap(
        api.POST('/v1/campaigns/{id}/judges/{annotatorId}/measure-anew', {
          params: { path: { id, annotatorId } },
          body: { reason },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['campaign', id, 'judges'] });
      onClose();
    },
  });
  return (
    <ReasonModal
      title={t('Measure anew')}
      hint={t(
        'Its audits until now count no more. It is unknown, and decides nothing alone until new ones support it.',
      )}
      confirm={t('Measure anew')}
      pending={measure.isPending}
      error={measure.error}
      onConfirm={(reason) => measure.mutate(reason)}
      onClose={onClose}
    />
  );
}
