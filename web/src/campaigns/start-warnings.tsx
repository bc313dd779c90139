import { t } from '../i18n/office';
import { InEnglish } from '../ui/in-english';

/** What the start said will go badly in a campaign that has begun; nothing where it said nothing. */
export function StartWarnings({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <div className="notice" role="status">
      {t('It has started, and this may go badly:')} <InEnglish text={texts.join(' ')} />
    </div>
  );
}
