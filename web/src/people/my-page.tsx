import { useQuery } from '@tanstack/react-query';
import { call, storedKey } from '../api/client';
import type { TaskType } from '../api/types';
import { sessionQuery } from '../auth/session';
import { CalibrationOffers } from '../calibrate/offers';
import type { Standing } from '../campaigns/standing';
import { useI18n, useOffice } from '../i18n';
import { type Text, t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { typeName, words } from '../ui/text';
import { Earnings } from './earnings';
import { OwnAdjustments } from './own-adjustments';
import { OwnAnswers } from './own-answers';
import { OwnPassword } from './own-password';
import { PayoutAccount } from './payout-account';
import { useMoney } from './use-money';

const STANDING_TEXTS: Readonly<Record<Standing, Text>> = {
  active: 'Active: you get tasks.',
  recalibrating: 'Recalibrating: your answers are being checked, by tasks that you get or by a calibration session.',
  suspended: 'Suspended: you get no tasks for now.',
};

interface Figures {
  readonly answers?: number;
  readonly tier?: string;
  readonly standing?: Standing;
  readonly standingReason?: string | null;
  readonly standings?: readonly { taskType: TaskType; standing: Standing; standingReason: string | null }[];
  readonly earnedUsd?: string;
  readonly pendingUsd?: string;
  readonly sentUsd?: string;
  readonly answersToday?: number;
}

/** One's own statistics, over what /v1/me says of an annotator. */
async function readFigures(): Promise<Figures> {
  const { annotator = {} } = (await call('GET', '/v1/me')) as { annotator?: Figures };
  return { ...annotator, ...((await call('GET', '/v1/me/statistics')) as Figures) };
}

/** One's own account; of annotators with their answers, pay and standing. */
export function MyPage() {
  useOffice();
  const { data: session } = useQuery(sessionQuery);
  // Whoever is signed in by a key has no password.
  const email = storedKey() === undefined ? session?.email : null;
  return (
    <div className="page page-narrow">
      <PageTitle of={t('My page')} />
      <div className="page-head">
        <h1>{t('My page')}</h1>
      </div>
      <div className="stack">
        {session?.role === 'annotator' && <OwnWork />}
        {email != null && <OwnPassword email={email} />}
      </div>
    </div>
  );
}

function OwnWork() {
  const { language } = useI18n();
  const { data, error } = useQuery({ queryKey: ['me', 'figures'], queryFn: readFigures });
  const money = useMoney();
  return (
    <>
      <FaultNotice error={error} />
      {data && (
        <>
          <dl className="tiles">
            {data.answers !== undefined && <Figure name={t('Answers')} value={data.answers.toLocaleString(language)} />}
            {data.earnedUsd !== undefined && (
              <Figure name={t('For answers before today (UTC)')} value={money(data.earnedUsd)} />
            )}
            {data.pendingUsd !== undefined && (
              <Figure name={t('For answers of today (UTC)')} value={money(data.pendingUsd)} />
            )}
            {data.sentUsd !== undefined && <Figure name={t('Sent to you so far')} value={money(data.sentUsd)} />}
            {data.answersToday !== undefined && (
              <Figure name={t('Answers today (UTC)')} value={data.answersToday.toLocaleString(language)} />
            )}
            {data.tier !== undefined && <Figure name={t('Tier')} value={words(data.tier)} />}
          </dl>
          <div className="stack">
            <CalibrationOffers />
            <section className="card">
              <h2>{t('Standing')}</h2>
              <p>{t(STANDING_TEXTS[data.standing ?? 'active'])}</p>
              <Reason reason={data.standingReason} />
              {data.standing !== 'suspended' &&
                data.standings?.map((at) => (
                  <div key={at.taskType}>
                    <p>
                      {typeName(at.taskType)}: {t(STANDING_TEXTS[at.standing])}
                    </p>
                    <Reason reason={at.standingReason} />
                  </div>
                ))}
            </section>
            <Earnings />
            <OwnAdjustments />
            <PayoutAccount />
            <OwnAnswers />
            <section className="card">
              <h2>{t('What this page leaves out')}</h2>
              <p className="dim">
                {t(
                  'Some tasks have an answer that is known already. Which ones, and how you did on each while they are in use, is not shown: everybody would recognise them. Your standing always is, and its reason where somebody gave it or you are suspended.',
                )}
              </p>
            </section>
          </div>
        </>
      )}
    </>
  );
}

function Reason({ reason }: { reason: string | null | undefined }) {
  if (!reason) return null;
  return (
    <p className="dim" dir="auto">
      {t('Reason: {reason}', { reason })}
    </p>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
