/** The four levels of annotator, lowest first. A task asks for a least tier. */
export const TIERS = ['crowd', 'trained', 'expert', 'domain_specialist'] as const;

export type Tier = (typeof TIERS)[number];

/** Position of a tier in the order of skill: 0 (crowd) to 3 (domain specialist). */
export function tierRank(tier: Tier): number {
  return TIERS.indexOf(tier);
}

/** Whether an annotator of tier `has` may work on a task that asks for tier `needs`. */
export function tierMeets(has: Tier, needs: Tier): boolean {
  return tierRank(has) >= tierRank(needs);
}
