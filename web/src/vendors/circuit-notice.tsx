import { t } from '../i18n/office';
import { counted, dateText, words } from '../ui/text';

interface Circuit {
  readonly failures: number;
  readonly openUntil: string | null;
  readonly lastError: string | null;
}

/** That a vendor fails, and from when on it is asked again; nothing while it does not fail. */
export function CircuitNotice({ vendor, circuit }: { vendor: string; circuit: Circuit | null }) {
  if (circuit === null || circuit.failures === 0) return null;
  const { failures, openUntil, lastError } = circuit;
  return (
    <p className="notice" role="note">
      <strong>{words(vendor)}:</strong> {t('{calls} failed in a row', { calls: counted(failures, 'call') })}
      {openUntil !== null && t('; nothing more is asked of it until {openUntil}', { openUntil: dateText(openUntil) })}
      {lastError !== null && (
        <bdi lang="en" className="label-text">
          {' '}
          ({lastError})
        </bdi>
      )}
    </p>
  );
}
