import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { useI18n } from '../i18n';
import { t } from '../i18n/office';
import { formWords, labelText } from '../ui/label-text';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';
import { OwnSay } from './own-say';

/** One's own answers, newest first, each of which can be contested once. Nothing here tells gold from work. */
export function OwnAnswers() {
  const { say, language } = useI18n();
  const [chosen, setChosen] = useState<string | null>(null);
  const pages = usePages(['me', 'answers'], (page) =>
    unwrap(api.GET('/v1/me/answers', { params: { query: { limit: 20, ...page } } })),
  );
  if (pages.items.length === 0) return <FaultNotice error={pages.error} />;
  return (
    <section className="card" aria-labelledby="recent-title">
      <h2 id="recent-title">{t('Your answers')}</h2>
      <p className="dim">
        {t(
          'If you think an answer of yours was judged wrongly, say why: somebody else looks at it. Once for each answer.',
        )}
      </p>
      <ol className="timeline">
        {pages.items.map(({ annotationId, campaign, shown, label, submittedAt, contested }) => (
          <li key={annotationId} tabIndex={-1}>
            <time dateTime={submittedAt}>{dateText(submittedAt, language)}</time>{' '}
            <span className="dim" dir="auto">
              {campaign}
            </span>
            <div className="dim shown-text" dir="auto">
              {shown}
            </div>
            <div className="label-text" dir="auto">
              {labelText(label, 120, formWords(say))}
            </div>
            {contested && <span className="dim">{t('Contested')}</span>}
            {!contested && chosen !== annotationId && (
              <Button size="compact-xs" variant="default" onClick={() => setChosen(annotationId)}>
                {t('Contest')}
              </Button>
            )}
            {chosen === annotationId && <Contest annotationId={annotationId} onDone={() => setChosen(null)} />}
          </li>
        ))}
      </ol>
      <FaultNotice error={pages.error} />
      <MoreButton pages={pages} />
    </section>
  );
}

function Contest({ annotationId, onDone }: { annotationId: string; onDone: () => void }) {
  const queries = useQueryClient();
  const contest = useMutation({
    mutationFn: (reason: string) => call('POST', `/v1/annotations/${annotationId}/contest`, { reason }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['me', 'answers'] });
      onDone();
    },
  });
  return (
    <OwnSay
      label={t('Why is your answer right?')}
      maxLength={1000}
      pending={contest.isPending}
      error={contest.error}
      onSend={(reason) => contest.mutate(reason)}
      onClose={onDone}
    />
  );
}
