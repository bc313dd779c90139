import { Link } from '@tanstack/react-router';
import { t } from '../i18n/office';

/** Leads to a campaign, by its name. */
export function CampaignLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/campaigns/$id" params={{ id }} className="label-text" dir="auto">
      {name}
    </Link>
  );
}

/** A column that leads to a campaign, by its name. */
export const campaignColumn = () => ({
  title: t('Campaign'),
  cell: ({ campaignId, campaign }: { campaignId: string; campaign: string }) => (
    <CampaignLink id={campaignId} name={campaign} />
  ),
});
