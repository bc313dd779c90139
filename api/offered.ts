import type { AnnotatorRow } from '../db/queries/annotators.ts';
import { speaks } from '../domain/routing-reasons.ts';
import type { OfferedCampaign } from './campaign-cache.ts';

/** Whether the campaign's tasks are offered to such an annotator at all. */
export function offersTo({ organisationId, settings }: OfferedCampaign, annotator: AnnotatorRow): boolean {
  return (
    organisationId === annotator.organisationId &&
    // A program's answers are no labels of a real campaign. `countEligible` counts alike.
    (settings.simulated || !annotator.simulated) &&
    settings.workforces.includes(annotator.workforce) &&
    speaks(annotator.languages, settings.language)
  );
}

/**
 * The reason of their standing as annotators see it: whoever is suspended is told all. While golds decide, how many were
 * right is not told, and neither is it afterwards: watching it move would tell which task was gold.
 */
export function shownReason({ standing, standingReason }: Pick<AnnotatorRow, 'standing' | 'standingReason'>) {
  return standing === 'suspended' ? standingReason : null;
}

/** At the campaign's task type; as a whole where no type says otherwise. */
export function standingAt(annotator: AnnotatorRow, campaign: OfferedCampaign): AnnotatorRow['standing'] {
  return decidedAt(annotator, campaign).standing;
}

/** Whether their standing at the campaign's task type is in doubt for what they answered, or a check is due as a routine. */
export function recalibrationAt(annotator: AnnotatorRow, campaign: OfferedCampaign): 'none' | 'routine' | 'for cause' {
  const { standing, routineCheck } = decidedAt(annotator, campaign);
  if (standing !== 'recalibrating') return 'none';
  return routineCheck ? 'routine' : 'for cause';
}

function decidedAt(annotator: AnnotatorRow, { type }: OfferedCampaign) {
  const { typeStandings } = annotator;
  return typeStandings === null ? annotator : (typeStandings[type.name] ?? { standing: 'active', routineCheck: false });
}
