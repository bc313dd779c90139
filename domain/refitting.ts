/**
 * Whether a model is worth fitting anew: there are more than `growth` times the answers of its last fit, or answers were
 * taken out since, as by a quarantine.
 */
export function hasChanged(answered: number, fittedOn: number, growth: number): boolean {
  return answered < fittedOn || answered > growth * fittedOn;
}
