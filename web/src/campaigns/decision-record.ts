import { fieldsOf } from '../forms/read';

/** What each answer weighed in a decision, by the decision's record. */
export function weightsOf(evidence: unknown): ReadonlyMap<string, number> {
  const { votes } = fieldsOf(evidence);
  return new Map(
    (Array.isArray(votes) ? votes : []).flatMap((vote: unknown) => {
      const { annotationId, weight } = fieldsOf(vote);
      return typeof annotationId === 'string' && typeof weight === 'number' ? [[annotationId, weight] as const] : [];
    }),
  );
}
