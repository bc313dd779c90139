import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { useI18n } from '../i18n';
import { dateText } from '../ui/text';

/** Where a calibration session is called for, and that tasks are held back until then; nothing where neither is. */
export function CalibrationOffers() {
  const { say, language } = useI18n();
  const { data } = useQuery({
    queryKey: ['me', 'calibrations'],
    queryFn: () => unwrap(api.GET('/v1/me/calibrations')),
    refetchInterval: 60_000,
  });
  const offers = data?.items ?? [];
  const heldBack = data !== undefined && data.heldBack.length > 0 && <p>{say('calibration.heldBack')}</p>;
  if (offers.length === 0) return heldBack || null;
  return (
    <section className="card" aria-labelledby="calibration-title">
      <h2 id="calibration-title">{say('calibration.called')}</h2>
      {heldBack}
      <ul>
        {offers.map(({ campaignId, campaign, called, retryAt }) => (
          <li key={campaignId} dir="auto">
            {called ? (
              <Link to="/calibrate/$campaignId" params={{ campaignId }}>
                {say('calibration.begin', { campaign })}
              </Link>
            ) : (
              say('calibration.later', {
                campaign,
                time: retryAt === null ? '–' : dateText(retryAt, language),
              })
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
