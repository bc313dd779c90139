/** Who lets money go: two persons, wherever two may. */

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** Whether something takes two persons: by how many people may approve it. */
export const takesTwo = (approvers: readonly Person[]): boolean => approvers.length >= 2;

const OWN_KEY =
  'Several people may approve payouts here, so that a run takes two of them. This API key stands for none of them: sign in, or use a key that one of them made.';

/**
 * Why somebody may not begin a run, or undefined. Where it takes two, who begins it has to be known: else the one who
 * approves it might be the same.
 *
 * @param approvers whoever may approve runs of the organisation, each once
 */
export function refuseBeginning(given: { approvers: readonly Person[]; personId: string }): string | undefined {
  const { approvers, personId } = given;
  return takesTwo(approvers) && !approvers.some(({ id }) => id === personId) ? OWN_KEY : undefined;
}

/**
 * Why somebody may not approve a run, or undefined.
 *
 * @param given `begunByNobody`: with a key that no person made
 */
export function refuseApproval(given: {
  approvers: readonly Person[];
  personId: string;
  begunBy: string;
  begunByNobody: boolean;
}): string | undefined {
  const { approvers, personId, begunBy, begunByNobody } = given;
  if (!takesTwo(approvers)) return undefined;
  if (!approvers.some(({ id }) => id === personId)) return OWN_KEY;
  if (personId === begunBy) {
    const others = approvers.filter(({ id }) => id !== personId).map(({ name }) => name);
    return `You have begun this run; somebody else has to approve it: ${oneOf(others)}.`;
  }
  if (!begunByNobody) return undefined;
  return 'The run was begun with an API key that stands for nobody, so that nobody knows whether it was you. Cancel it, and begin it again signed in.';
}

const NO_PERSON =
  'Several people may review deductions here, so that one takes two of them. This API key stands for none of them: sign in, or use a key that one of them made.';

/** Why somebody may not propose a deduction, or undefined: who does so has to be known where another has to review it. */
export function refuseProposal(given: { reviewers: readonly Person[]; personId: string }): string | undefined {
  const { reviewers, personId } = given;
  return takesTwo(reviewers) && !reviewers.some(({ id }) => id === personId) ? NO_PERSON : undefined;
}

/** Why somebody may not apply a deduction, or undefined. It always takes another than who proposed it. */
export function refuseReview(given: {
  reviewers: readonly Person[];
  personId: string;
  proposedBy: string;
  proposedByNobody: boolean;
}): string | undefined {
  const { reviewers, personId, proposedBy, proposedByNobody } = given;
  if (proposedBy === personId) return 'You have proposed this deduction; somebody else has to review it.';
  if (!takesTwo(reviewers)) return undefined;
  if (!reviewers.some(({ id }) => id === personId)) return NO_PERSON;
  if (!proposedByNobody) return undefined;
  return 'The deduction was proposed with an API key that stands for nobody, so that nobody knows whether it was you. Dismiss it, and have it proposed by somebody who has signed in.';
}

const NAMED = 3;

/** Some names: the first few, and whether there are more. */
function oneOf(names: readonly string[]): string {
  const shown = names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} or ${last}`;
}
