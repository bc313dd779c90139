import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { CampaignAssumptions } from '../../domain/planning/assumptions.ts';
import {
  type CrowdDraw,
  type Plan,
  type PlanSettings,
  type PlayedOption,
  planOf,
  playsOf,
} from '../../domain/planning/plan.ts';
import { loadConfig } from '../../runtime/config.ts';
import { startTimeSkippingServer, type TimeSkippingServer } from '../../runtime/test-server.ts';
import { CliError } from '../output.ts';
import { builtWorkflows } from '../paths.ts';
import { createProgress } from '../progress.ts';
import { playByWorkflows } from './play.ts';
import { onStage } from './stage.ts';

const STOPPING = ['SIGINT', 'SIGTERM'] as const;

/**
 * Plans as `makePlan` does, but plays each campaign by the real workflows, one after the other, on a time-skipping server
 * that is started for it and stopped with it. Throws where there is none to be had, and where it is interrupted.
 */
export async function planByWorkflows(
  campaign: CampaignAssumptions,
  draw: CrowdDraw,
  settings: PlanSettings & { readonly maxPlayed: number },
): Promise<Plan> {
  const workflowBundle = { codePath: builtWorkflows() };
  const config = loadConfig();
  quietRuntime();
  const plays = [...playsOf(campaign, draw, settings)];
  const each = Math.min(campaign.tasks, settings.maxPlayed);
  const progress = createProgress('Playing', plays.length * each, (tasks) => `${tasks.toFixed(0)} tasks`);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new CliError('The plan was interrupted.'));
  for (const name of STOPPING) process.once(name, interrupt);
  const { signal } = interrupted;
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  let server: TimeSkippingServer | undefined;
  try {
    server = await startTimeSkippingServer(config, { log });
    signal.throwIfAborted();
    log(`Playing ${plays.length} campaigns of ${each} tasks by the workflows.`);
    return await onStage({ ...server, workflowBundle, signal }, async (on) => {
      const played: PlayedOption[] = [];
      for (const play of plays) {
        const before = played.length * each;
        const options = { campaign, maxPlayed: each, progress: (settled: number) => progress.at(before + settled) };
        played.push({ option: play.option, outcome: await playByWorkflows(on, play, options) });
      }
      return planOf(campaign, played, settings);
    });
  } catch (error) {
    // What fails then fails for that.
    throw signal.aborted ? signal.reason : error;
  } finally {
    progress.end();
    await server?.stop();
    for (const name of STOPPING) process.off(name, interrupt);
  }
}

let isQuiet = false;

/** What the SDK has to say of its workers is for whoever runs a stack. */
function quietRuntime(): void {
  if (isQuiet) return;
  isQuiet = true;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter } },
  });
}
