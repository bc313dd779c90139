import { Link } from '@tanstack/react-router';

/** Leads to a campaign, by its name. */
export function CampaignLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/campaigns/$id" params={{ id }} className="label-text" dir="auto">
      {name}
    </Link>
  );
}
