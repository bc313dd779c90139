import { beginPlay, type Play, type PlayLimits } from './begin-play.ts';
import { runPlayedWorkflows } from './played-workflows.ts';
import type { Outcome } from './scale.ts';

/** Tasks that are played one by one; more are taken to go like these. */
export const MAX_PLAYED = 400;

/**
 * Plays one campaign: every task, and the campaign, goes through the states of its real workflow, its annotators come at
 * their hours and answer as they are drawn, and it is decided, or asked on, by the code that decides real tasks, with what
 * this has learnt of the crowd by then.
 */
export function playCampaign(
  play: Play,
  { maxPlayed = MAX_PLAYED, ...limits }: Omit<PlayLimits, 'maxPlayed'> & { readonly maxPlayed?: number },
): Outcome {
  const { played, people, ended } = beginPlay(play, { ...limits, maxPlayed, seldom: true });
  return ended(runPlayedWorkflows(play.option, played, people));
}
