import { t } from '../i18n/office';
import { FaultNotice } from './page-error';
import { PageTitle } from './page-title';

/** A page before what it shows is there, or where that cannot be had. */
export function AwaitedPage({ title, error }: { title: string; error: unknown }) {
  return (
    <div className="page">
      <PageTitle of={title} />
      <h1 className="visually-hidden">{title}</h1>
      <FaultNotice error={error} />
      {!error && <p role="status">{t('Loading…')}</p>}
    </div>
  );
}
