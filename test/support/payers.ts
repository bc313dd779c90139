import type { Actor } from '../../db/queries/payout-acts.ts';

/** Two who pay out with keys that nobody made, where nobody has signed in yet. */
export const ada: Actor = { personId: 'ada', keyId: 'ada' };
export const bea: Actor = { personId: 'bea', keyId: 'bea' };
/** Who may. */
export const roles = ['owner'] as const;
