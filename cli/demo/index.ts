import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { connect, PATIENT_MS } from '../../db/client.ts';
import { QuorateError } from '../../domain/failures.ts';
import { loadConfig } from '../../runtime/config.ts';
import { readEndpoint } from '../../runtime/endpoint.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { ApiClient } from '../client.ts';
import { exportTo } from '../commands/export.ts';
import { up } from '../up.ts';
import type { CrowdStats } from './crowd.ts';
import { type DemoPlan, planDemo } from './planned.ts';
import { playCampaign } from './play.ts';
import { type DemoItem, type Preset, presets } from './presets.ts';
import { makeReport, type Report, reportLines, writeReport } from './report.ts';
import { annotatorView, type CampaignView } from './views.ts';

export interface DemoOptions {
  readonly seed?: string;
  /** The campaign's cap in dollars; the preset's own by default. */
  readonly budget?: string;
  /** Where labels and report go; a folder `demo` (or `demo-preference`) in `out/` by default. */
  readonly out?: string;
  readonly json?: boolean;
  /** Leave the stack up after the report, so that the pages can be looked at. */
  readonly keep?: boolean;
}

/**
 * Runs a whole campaign on real input with a simulated crowd that answers over HTTP, and reports how well it went.
 * Uses the stack that runs on this data folder, or starts one and stops it at the end.
 */
export async function runDemo(name: string, options: DemoOptions): Promise<Report> {
  const known = presets[name as keyof typeof presets];
  if (!known) {
    const message = `There is no demo "${name}"; there are ${[...Object.keys(presets), 'judge'].join(', ')}.`;
    throw new QuorateError('invalid_input', message, { field: 'preset' });
  }
  const budget = options.budget === undefined ? {} : { budgetUsd: options.budget };
  const preset: Preset = { ...known, campaign: { ...known.campaign, ...budget } };
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const config = loadConfig();
  const running = readEndpoint(config.home);
  const stack = running ? undefined : await up(config, say);
  const { url, databaseUrl } = stack ?? running ?? { url: '', databaseUrl: '' };
  const apiKey = stack?.apiKey ?? running?.apiKey ?? '';
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const demo = { preset, client: new ApiClient({ url, apiKey }), url, databaseUrl, apiKey, say };
    const report = await play(demo, options, interrupted.signal);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`\n${reportLines(report).join('\n')}\n`);
    if (options.keep && stack) {
      say('The stack stays up; Ctrl-C stops it.');
      await new Promise<void>((resolve) => {
        if (interrupted.signal.aborted) resolve();
        else interrupted.signal.addEventListener('abort', () => resolve());
      });
    }
    return report;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await stack?.stop();
  }
}

interface Demo {
  readonly preset: Preset;
  readonly client: ApiClient;
  readonly url: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  readonly say: (line: string) => void;
}

async function play(demo: Demo, options: DemoOptions, interrupted: AbortSignal): Promise<Report> {
  const { preset, say } = demo;
  const seed = options.seed ?? 'quorate';
  const startedMs = performance.now();
  say(`\n${preset.title}`);
  say('The crowd is simulated: 24 programs answer through the same HTTP door that people use.');
  const { items, known } = await preset.load(seed);
  const gold = items.filter((item) => item.gold).length;
  const plan = planDemo(preset, { pool: items.length - gold, golds: gold, seed });
  const begun = (campaignId: string) => {
    say(`${items.length} items imported, ${gold} of them gold; the truth of the others stays hidden until the report.`);
    say(`Watch it: ${demo.url}/progress.html?campaign=${campaignId}#key=${demo.apiKey}\n`);
  };
  const played = await playCampaign(demo, { preset, seed, items, known, begun, interrupted });
  return finish(demo, options, { ...played, items, plan, seconds: (performance.now() - startedMs) / 1000 });
}

async function finish(
  demo: Demo,
  options: DemoOptions,
  run: {
    campaignId: string;
    items: readonly DemoItem[];
    campaign: CampaignView;
    stats: CrowdStats;
    plan: DemoPlan;
    annotatorIds: readonly string[];
    seconds: number;
  },
): Promise<Report> {
  const { preset, client } = demo;
  const folder = options.out ?? join(packageRoot(), 'out', preset.name === 'spam' ? 'demo' : `demo-${preset.name}`);
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (const format of preset.formats) {
    const file = join(folder, format === 'dpo' ? 'dpo.jsonl' : `labels.${format}`);
    await exportTo(client, { campaignId: run.campaignId, format, file });
    files.push(file);
  }
  const annotators = await Promise.all(
    run.annotatorIds.map(async (id) => annotatorView.parse(await client.get(`/v1/annotators/${id}`))),
  );
  demo.say(
    'The labels are written; they and the model are compared with the hidden truth, and the invariants checked...',
  );
  const db = connect(demo.databaseUrl, { max: 2, name: 'quorate-demo', silentMs: PATIENT_MS });
  try {
    const facts = { preset, db, annotators, crowd: run.stats, ...run };
    const report = await makeReport({ ...facts, files: files.map((file) => relative(folder, file)) });
    files.push(writeReport(folder, report));
    demo.say(`\nWritten: ${files.map((file) => relative(process.cwd(), file)).join(', ')}`);
    return report;
  } finally {
    await db.end({ timeout: 5 });
  }
}
