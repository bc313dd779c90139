import { type Rng, seededRng } from '../rng.ts';
import type { CampaignAssumptions, CrowdAssumptions } from './assumptions.ts';
import { createRoster, HOUR_MS } from './calendar.ts';
import { learnFromAnswers } from './knowledge.ts';
import type { Option } from './options.ts';
import { createAnswering, drawLeans, drawSkills } from './people.ts';
import { openPlayedCampaign, type PlayedCampaign } from './played-campaign.ts';
import { createPlayedCrowd, type PlayedCrowd } from './played-crowd.ts';
import { type Outcome, outcomeOf } from './scale.ts';

/** One campaign to be played. */
export interface Play {
  readonly option: Option;
  readonly crowd: CrowdAssumptions;
  readonly rng: Rng;
}

export interface PlayLimits {
  readonly campaign: CampaignAssumptions;
  /** The most tasks that are played one by one; more are taken to go like these. */
  readonly maxPlayed: number;
  /** Whether a crowd that is known well is learnt anew less often than a real one. */
  readonly seldom?: boolean;
  /** Of the leases, how many are left to run out; by default as many as `LAPSES` says. */
  readonly lapses?: number;
}

/** A campaign that has not begun: its database, its annotators, and what it comes to when it has ended after so long. */
export interface Begun {
  readonly played: PlayedCampaign;
  readonly people: PlayedCrowd;
  ended(afterMs: number): Outcome;
}

/** Draws what one campaign is played with; whoever plays it, the same play begins alike. */
export function beginPlay({ option, crowd, rng }: Play, limits: PlayLimits): Begun {
  const { campaign, maxPlayed, seldom = false, lapses } = limits;
  const tasks = Math.min(campaign.tasks, maxPlayed);
  const skills = drawSkills(campaign, crowd, rng);
  const answering = createAnswering(crowd, { skills, leans: drawLeans(campaign, crowd, rng) }, campaign.judge);
  const learning = learnFromAnswers(crowd.choices, { seldom });
  const days = rng.int(2 ** 32);
  const newRoster = () => createRoster(campaign, seededRng(days));
  const played = openPlayedCampaign({ option, campaign, crowd, tasks, learning, answering, newRoster }, rng);
  const hands = {
    campaign,
    crowd,
    answering,
    newRoster,
    judges: option.judge,
    ...(lapses === undefined ? {} : { lapses }),
  };
  const people = createPlayedCrowd(played, hands, rng);
  return {
    played,
    people,
    ended(afterMs) {
      const hours = { ended: afterMs / HOUR_MS, lastBegun: Math.min(people.lastBegunMs(), afterMs) / HOUR_MS };
      return outcomeOf(played, { campaign, crowd, skills, tasks, hours, newRoster }, rng);
    },
  };
}
