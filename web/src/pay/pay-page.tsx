import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../auth/session';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { PageTitle } from '../ui/page-title';
import { Adjustments } from './adjustments';
import { AskedRegions } from './asked-regions';
import { Floors } from './floors';
import { Ledger } from './ledger';
import { OrganisationCap } from './organisation-cap';
import { Runs } from './runs';

/** What goes out to annotators: runs of a month, bonuses and deductions, and the least an hour must come to. */
export function PayPage() {
  useOffice();
  const { data: session } = useQuery(sessionQuery);
  const owns = session?.role === 'owner';
  return (
    <div className="page">
      <PageTitle of={t('Pay')} />
      <div className="page-head">
        <h1>{t('Pay')}</h1>
      </div>
      <div className="stack">
        <Runs owns={owns} />
        <Adjustments />
        <OrganisationCap owns={owns} />
        <Floors owns={owns} />
        <AskedRegions owns={owns} />
        {owns && <Ledger />}
      </div>
    </div>
  );
}
