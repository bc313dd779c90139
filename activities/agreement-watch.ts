import type { Db } from '../db/client.ts';
import type { CampaignRow } from '../db/queries/campaigns.ts';
import { newestAnswers } from '../db/queries/progress.ts';
import { commentsOf, openReport, reportsOf } from '../db/queries/quality-reports.ts';
import { agreementInterval } from '../domain/agreement/agreement-interval.ts';
import { isBroken } from '../domain/quality/agreement-watch.ts';
import { pairableTasks, qualityReport } from '../domain/quality/report.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';

const EFFORT = 1e7;
const RESAMPLES = 200;
const MAX_COMMENTS = 100;

/**
 * Looks at the agreement of a running campaign's newest answers, those since its last report was closed; opens a report
 * and returns true where it is so low that the task is at fault. Repeating it opens no second one.
 */
export async function watchAgreement(db: Db, campaign: CampaignRow, settings: CampaignSettings): Promise<boolean> {
  const { agreementWatch: watch } = settings;
  if (!watch || campaign.state !== 'running') return false;
  const campaignId = campaign.id;
  const [last] = await reportsOf(db, campaignId, 1);
  // Found before, and the answer was lost: the campaign is still to be paused.
  if (last?.closedAt === null) return true;
  const answers = await newestAnswers(db, campaignId, watch.windowAnswers, last?.closedAt);
  if (pairableTasks(answers) < watch.minTasks) return false;
  const type = getTaskType(settings.type);
  const report = qualityReport(type, settings.config, answers, { effort: EFFORT, watch });
  const interval = () => agreementInterval(type, settings.config, answers, { resamples: RESAMPLES, seed: campaignId });
  if (report.alpha === null || !isBroken(report, watch, interval)) return false;
  const taskIds = report.confused.flatMap((pair) => pair.taskIds);
  const comments = await commentsOf(db, { campaignId, taskIds, limit: MAX_COMMENTS });
  const said = comments.map((comment) => ({ ...comment, at: comment.at.toISOString() }));
  await openReport(db, { campaignId, alpha: report.alpha, report: { ...report, comments: said } });
  return true;
}
