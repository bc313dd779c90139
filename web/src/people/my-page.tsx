import { useQuery } from '@tanstack/react-query';
import { call, storedKey } from '../api/client';
import type { TaskType } from '../api/types';
import { sessionQuery } from '../auth/session';
import { CalibrationOffers } from '../calibrate/offers';
import { useI18n, useSay } from '../i18n';
import type { Words } from '../i18n/en';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { typeName } from '../ui/text';
import { Earnings } from './earnings';
import { OwnAdjustments } from './own-adjustments';
import { OwnPassword } from './own-password';
import { PayoutAccount } from './payout-account';
import { type Recent, RecentAnswers } from './recent-answers';
import { useMoney } from './use-money';

interface Figures {
  readonly answers?: number;
  readonly tier?: string;
  readonly standing?: string;
  readonly standingReason?: string | null;
  readonly standings?: readonly { taskType: TaskType; standing: string; standingReason: string | null }[];
  readonly earnedUsd?: string;
  readonly pendingUsd?: string;
  readonly answersToday?: number;
  readonly recent?: readonly Recent[];
}

/** One's own statistics, over what /v1/me says of an annotator. */
async function readFigures(): Promise<Figures> {
  const { annotator = {} } = (await call('GET', '/v1/me')) as { annotator?: Figures };
  return { ...annotator, ...((await call('GET', '/v1/me/statistics')) as Figures) };
}

/** One's own account; of annotators with their answers, pay and standing. */
export function MyPage() {
  const say = useSay();
  const { data: session } = useQuery(sessionQuery);
  // Whoever is signed in by a key has no password.
  const email = storedKey() === undefined ? session?.email : null;
  return (
    <div className="page page-narrow">
      <PageTitle of={say('me.title')} />
      <div className="page-head">
        <h1>{say('me.title')}</h1>
      </div>
      <div className="stack">
        {session?.role === 'annotator' && <OwnWork />}
        {email != null && <OwnPassword email={email} />}
      </div>
    </div>
  );
}

function OwnWork() {
  const { say, language } = useI18n();
  const { data, error } = useQuery({ queryKey: ['me', 'figures'], queryFn: readFigures });
  const money = useMoney();
  const standing = (of = 'active') => say(`me.standing.${of}` as keyof Words);
  return (
    <>
      <FaultNotice error={error} />
      {data && (
        <>
          <dl className="tiles">
            {data.answers !== undefined && (
              <Figure name={say('me.answers')} value={data.answers.toLocaleString(language)} />
            )}
            {data.earnedUsd !== undefined && <Figure name={say('me.earned')} value={money(data.earnedUsd)} />}
            {data.pendingUsd !== undefined && <Figure name={say('me.pending')} value={money(data.pendingUsd)} />}
            {data.answersToday !== undefined && (
              <Figure name={say('me.today')} value={data.answersToday.toLocaleString(language)} />
            )}
            {data.tier !== undefined && (
              <Figure name={say('me.tier')} value={say(`tier.${data.tier}` as keyof Words)} />
            )}
          </dl>
          <div className="stack">
            <CalibrationOffers />
            <section className="card">
              <h2>{say('me.standing')}</h2>
              <p>{standing(data.standing)}</p>
              <Reason reason={data.standingReason} />
              {data.standing !== 'suspended' &&
                data.standings?.map((at) => (
                  <div key={at.taskType}>
                    <p>{say('me.standingAt', { type: typeName(at.taskType), standing: standing(at.standing) })}</p>
                    <Reason reason={at.standingReason} />
                  </div>
                ))}
            </section>
            <Earnings />
            <OwnAdjustments />
            <PayoutAccount />
            <RecentAnswers recent={data.recent ?? []} />
            <section className="card">
              <h2>{say('me.honest')}</h2>
              <p className="dim">{say('me.honestText')}</p>
            </section>
          </div>
        </>
      )}
    </>
  );
}

function Reason({ reason }: { reason: string | null | undefined }) {
  const say = useSay();
  if (!reason) return null;
  return (
    <p className="dim" dir="auto">
      {say('me.reason', { reason })}
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
