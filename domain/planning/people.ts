import { logistic } from '../aggregation/logistic.ts';
import { type Rng, seededRng } from '../rng.ts';
import type { CampaignAssumptions, CrowdAssumptions, JudgeAssumptions } from './assumptions.ts';
import { drawWrong } from './classes.ts';
import { logit, SPREAD } from './log-odds.ts';

/** Mean probability of a right answer over tasks of all kinds of ease. */
export const meanAt = (skill: number, easeSd: number) => logistic(skill / Math.sqrt(1 + SPREAD * easeSd ** 2));

/** The skill with which tasks of all kinds of ease are answered rightly with this probability: `meanAt` turned around. */
const skillFor = (accuracy: number, easeSd: number) => logit(accuracy) * Math.sqrt(1 + SPREAD * easeSd ** 2);

/** Skills of as many annotators as the campaign has: normal, so that the mean over skill and ease is the crowd's accuracy. */
export function drawSkills({ annotators }: CampaignAssumptions, crowd: CrowdAssumptions, rng: Rng): number[] {
  const { skillSd } = crowd;
  const level = levelFor(crowd.accuracy, crowd);
  return Array.from({ length: annotators }, () => level + skillSd * rng.normal());
}

/** The log-odds about which answers spread that are right with this probability. */
function levelFor(accuracy: number, { skillSd, easeSd, leanSd = 0 }: CrowdAssumptions): number {
  return logit(accuracy) * Math.sqrt(1 + SPREAD * (skillSd ** 2 + easeSd ** 2 + leanSd ** 2));
}

/** By what is true of a task: how much easier than usual that is for everybody, in log-odds; none where all are alike. */
export function classEase(crowd: CrowdAssumptions): number[] {
  const usual = levelFor(crowd.accuracy, crowd);
  return (crowd.classes ?? []).map(({ accuracy }) => levelFor(accuracy, crowd) - usual);
}

/** How each annotator leans, by what is true of a task; none where nobody does. */
export function drawLeans({ annotators }: CampaignAssumptions, { leanSd = 0, choices }: CrowdAssumptions, rng: Rng) {
  if (leanSd === 0) return [];
  const own = seededRng(rng.int(2 ** 32));
  const sd = leanSd / Math.sqrt(1 - 1 / choices);
  return Array.from({ length: annotators }, () => {
    const drawn = Array.from({ length: choices }, () => sd * own.normal());
    const mean = drawn.reduce((sum, each) => sum + each, 0) / choices;
    return drawn.map((each) => each - mean);
  });
}

/** The skill of a judge, who is no surer of anything than 99.5%. */
function judgeSkill({ accuracy }: JudgeAssumptions, { easeSd }: CrowdAssumptions): number {
  return skillFor(Math.min(0.995, accuracy), easeSd);
}

/** Who gives a judge's answers: none of the annotators. */
export const JUDGE = -1;

/** What somebody answers to a task, by what they can do, how they lean and how hard it is. */
export type Answering = (
  annotator: number,
  task: { readonly truth: number; readonly lure: number; readonly ease: number },
  rng: Rng,
) => number;

export function createAnswering(
  crowd: CrowdAssumptions,
  people: { readonly skills: readonly number[]; readonly leans: readonly (readonly number[])[] },
  judge: JudgeAssumptions | null,
): Answering {
  const easeBy = classEase(crowd);
  const judging = judge && judgeSkill(judge, crowd);
  return (annotator, task, rng) => {
    const { truth, ease } = task;
    const skill = (people.skills[annotator] ?? 0) + (people.leans[annotator]?.[truth] ?? 0) + (easeBy[truth] ?? 0);
    return answerOf(logistic((annotator === JUDGE ? (judging ?? 0) : skill) + ease), task, crowd, rng);
  };
}

/** An answer that is right with probability `chance`; of the wrong ones a share is the task's lure. */
export function answerOf(
  chance: number,
  task: { truth: number; lure: number },
  crowd: CrowdAssumptions,
  rng: Rng,
): number {
  if (rng.next() < chance) return task.truth;
  return rng.next() < crowd.lureShare ? task.lure : drawWrong(task.truth, crowd, rng);
}

/** Seconds of one answer: log-normal. */
export function secondsOf({ secondsMedian, secondsLogSd }: CrowdAssumptions, rng: Rng): number {
  return secondsMedian * Math.exp(secondsLogSd * rng.normal());
}

/** The mean of such times. */
export function meanSeconds({ secondsMedian, secondsLogSd }: CrowdAssumptions): number {
  return secondsMedian * Math.exp(secondsLogSd ** 2 / 2);
}
