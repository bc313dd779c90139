import type { AnnotatorRow } from '../db/queries/annotators.ts';
import { speaks } from '../domain/routing-reasons.ts';
import { TASK_TYPE_NAMES } from '../domain/tasks/task-type.ts';
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
 * The reason of their standing as annotators see it: whoever is suspended is told all, and what a person wrote is told to
 * whom it is of (`byHand`). While golds decide, how many were right is not told, and neither is it afterwards: watching it
 * move would tell which task was gold.
 */
export function shownReason(
  { standing, standingReason }: Pick<AnnotatorRow, 'standing' | 'standingReason'>,
  byHand: string | undefined,
) {
  if (standing === 'recalibrating') return byHand ?? null;
  return standing === 'suspended' ? standingReason : null;
}

type StandingRow = Pick<AnnotatorRow, 'standing' | 'standingReason' | 'routineCheck' | 'typeStandings'>;

const ACTIVE = { standing: 'active', standingReason: null, routineCheck: false } as const;

/** What a campaign's page shows: the standing at its task type, unless they are suspended as a whole. */
export function shownAt(annotator: StandingRow, campaign: Pick<OfferedCampaign, 'type'>) {
  const { standing, standingReason } = annotator.standing === 'suspended' ? annotator : decidedAt(annotator, campaign);
  const ofType = annotator.standing !== 'suspended' && annotator.typeStandings?.[campaign.type.name] !== undefined;
  return { standing, standingReason, standingOf: ofType ? campaign.type.name : null };
}

/** The task types at which somebody is not active, with the reason where it is shown to them. */
export function shownByType({ typeStandings }: AnnotatorRow, byHand: ReadonlyMap<string | null, string>) {
  return TASK_TYPE_NAMES.flatMap((taskType) => {
    const found = typeStandings?.[taskType];
    return found
      ? [{ taskType, standing: found.standing, standingReason: shownReason(found, byHand.get(taskType)) }]
      : [];
  });
}

/** At the campaign's task type; as a whole where no type says otherwise. */
export function standingAt(annotator: AnnotatorRow, campaign: Pick<OfferedCampaign, 'type'>): AnnotatorRow['standing'] {
  return decidedAt(annotator, campaign).standing;
}

/** Whether their standing at the campaign's task type is in doubt for what they answered, or a check is due as a routine. */
export function recalibrationAt(annotator: AnnotatorRow, campaign: OfferedCampaign): 'none' | 'routine' | 'for cause' {
  const { standing, routineCheck } = decidedAt(annotator, campaign);
  if (standing !== 'recalibrating') return 'none';
  return routineCheck ? 'routine' : 'for cause';
}

function decidedAt(annotator: StandingRow, { type }: Pick<OfferedCampaign, 'type'>) {
  const { typeStandings } = annotator;
  return typeStandings === null ? annotator : (typeStandings[type.name] ?? ACTIVE);
}
