import { type Command, InvalidArgumentError } from 'commander';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import type { ApiClient } from '../client.ts';
import { CliError, EXIT, facts, percent, print, printJson, table } from '../output.ts';
import { registerIncidents } from './campaign-incidents.ts';
import type { CreateOptions } from './campaign-input.ts';
import { registerJudges } from './campaign-judges.ts';
import { registerPlatforms } from './campaign-platforms.ts';
import { registerPreview } from './campaign-preview.ts';
import { registerSettings } from './campaign-settings.ts';
import { client, leaf, list, pathOf, share, wholeNumber } from './shared.ts';

interface Json {
  readonly json?: boolean;
}

/** `quorate campaign ...`. */
export function registerCampaign(program: Command): void {
  const campaign = program.command('campaign').description('create, watch and steer campaigns');
  registerCreate(campaign);
  registerChange(campaign);
  registerLimits(campaign);
  registerPreview(campaign);
  registerJudges(campaign);
  registerPlatforms(campaign);
  registerIncidents(campaign);
  registerSettings(campaign);

  leaf(campaign, 'list', 'list campaigns, newest first').action(async ({ json }: Json) => {
    const { allPages, campaignHead } = await import('./views.ts');
    const campaigns = await allPages(await client(), '/v1/campaigns', campaignHead);
    if (json) return printJson(campaigns);
    if (campaigns.length === 0) return print('No campaigns yet. Make one with `quorate campaign create --help`.');
    const rows = campaigns.map((each) => [each.id, each.name, each.type, each.state, each.createdAt]);
    print(table(['ID', 'NAME', 'TYPE', 'STATE', 'CREATED'], rows));
  });

  leaf(campaign, 'show', 'show how a campaign stands')
    .argument('<campaign>', 'its id')
    .action(async (id: string, { json }: Json) => {
      const api = await client();
      const answer = await api.get(pathOf('campaigns', id));
      await show(answer, json, json ? undefined : await waitsFor(api, id, answer));
    });

  const steer = (
    name: string,
    description: string,
    send: (id: string, options: { drain?: boolean }) => Promise<unknown>,
  ) =>
    leaf(campaign, name, description)
      .argument('<campaign>', 'its id')
      .action(async (id: string, options: Json & { drain?: boolean }) => {
        const answer = await send(id, options);
        await show(answer, options.json);
        const { warnings = [] } = Object(answer) as { warnings?: string[] };
        if (!options.json && warnings.length > 0) print(warnings.map((warning) => `Warning: ${warning}`));
      });
  const act = (action: string) => async (id: string) =>
    (await client()).post(pathOf('campaigns', id, `/${action}`), {});
  steer('start', 'start a draft', async (id) => act('start')(id).catch((error) => throwInCommands(error, id)));
  steer('pause', 'stop lease clocks and new work until it is resumed', act('pause'));
  steer('resume', 'go on exactly where the pause began', act('resume'));
  steer('stop', 'choose no more work and cancel open tasks', async (id, { drain }) =>
    (await client()).post(pathOf('campaigns', id, '/stop'), { drain: drain ?? false }),
  ).option('--drain', 'let open tasks finish instead of cancelling them');

  leaf(campaign, 'budget', 'raise or lower the most a campaign may spend')
    .argument('<campaign>', 'its id')
    .argument('<usd>', 'the new cap in dollars, such as 250 or 99.50')
    .action(async (id: string, usd: string, { json }: Json) => {
      const answer = await (await client()).patch(pathOf('campaigns', id), { budgetUsd: usd });
      await show(answer, json);
      const { state } = answer as { state?: unknown };
      if (state !== 'finished' && state !== 'stopped') return;
      process.stderr.write(
        'It has ended and does not go on: only what it owes is paid. Label the rest in a copy of it.\n',
      );
    });

  leaf(campaign, 'hourly', 'change the pay of a focused hour, for what is handed out from now on')
    .argument('<campaign>', 'its id')
    .argument('<usd>', 'dollars, such as 18; `none`: by the answer, at its price')
    .option(
      '--price <usd>',
      'of an answer, by the hour the most it may earn, for tasks chosen from now on (default: as it is, at least the usual; with none what it was before)',
    )
    .action(async (id: string, usd: string, { json, price: priceUsd }: Json & { price?: string }) => {
      const hourlyUsd = usd === 'none' ? null : usd;
      const body = priceUsd === undefined ? { hourlyUsd } : { hourlyUsd, priceUsd };
      await show(await (await client()).patch(pathOf('campaigns', id), body), json);
    });
}

/** A refusal for want of money, with the command that gives more of it. */
async function throwInCommands(error: unknown, id: string): Promise<never> {
  const { ApiError } = await import('../client.ts');
  if (!(error instanceof ApiError)) throw error;
  const { details } = error.problem as { details?: { needsUsd?: unknown } };
  if (typeof details?.needsUsd !== 'string') throw error;
  const raise = `\`quorate campaign budget ${id} ${Math.ceil(Number(details.needsUsd))}\` raises the budget`;
  throw new CliError(`${error.message}\n${raise}, \`quorate campaign change\` sets the others.`, error.exitCode);
}

interface LimitFlags extends Json {
  readonly daily?: string;
  readonly hedge?: string;
  readonly workforce?: Record<string, string>;
}

function registerLimits(campaign: Command): void {
  leaf(campaign, 'limits', 'limit a day, hedges or a workforce; without options show the whole budget')
    .argument('<campaign>', 'its id')
    .option('--daily <usd>', 'most that is newly set aside in a day (UTC); none lifts it')
    .option('--hedge <usd>', 'most for asking the same again elsewhere; none lifts it')
    .option('--workforce <name=usd>', 'most for a workforce; name=none lifts it; may be repeated', namedUsd)
    .action(async (id: string, { daily, hedge, workforce, json }: LimitFlags) => {
      const { budgetLines, budgetView } = await import('./budget-view.ts');
      const { expectShape } = await import('./shared.ts');
      const usd = (text: string | undefined) => (text === 'none' ? null : text);
      const workforces =
        workforce && Object.fromEntries(Object.entries(workforce).map(([name, text]) => [name, usd(text)]));
      const change = { dailyUsd: usd(daily), hedgeUsd: usd(hedge), workforces };
      const api = await client();
      const answer = Object.values(change).some((each) => each !== undefined)
        ? await api.put(pathOf('campaigns', id, '/limits'), change)
        : await api.get(pathOf('campaigns', id, '/budget'));
      if (json) printJson(answer);
      else print(budgetLines(expectShape(budgetView, answer)));
    });
}

function namedUsd(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, usd] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (name === undefined || usd === undefined) throw new InvalidArgumentError('It must be a name, = and dollars.');
  return { ...before, [name]: usd };
}

function registerCreate(campaign: Command): void {
  withSettings(leaf(campaign, 'create', 'create a campaign (a draft until it is started)'), {
    file: 'its settings, as POST /v1/campaigns takes them, as JSON or in a .yaml file; - reads JSON from standard input',
  })
    .option('--type <type>', `what is asked: ${TASK_TYPE_NAMES.join(', ')}`)
    .option('--simulated', 'say everywhere that the answers come from a program')
    .addHelpText(
      'after',
      '\nFlags win over the file. `quorate campaign settings` lists all that the file can set; examples/campaign.yaml is one.',
    )
    .action(async (options: CreateOptions & Json) => {
      const { campaignBody } = await import('./campaign-input.ts');
      const { created } = await import('./views.ts');
      const { expectShape } = await import('./shared.ts');
      const body = await campaignBody(options);
      const answer = await (await client()).post('/v1/campaigns', body);
      const { id } = expectShape(created, answer);
      if (options.json) return printJson(answer);
      print(id);
      process.stderr.write(`A draft. Next: quorate import ${id} FILE, then quorate campaign start ${id}\n`);
    });
}

function registerChange(campaign: Command): void {
  withSettings(
    leaf(
      campaign,
      'change',
      'change settings: of a draft any but its type, later thresholds, budget and rules',
    ).argument('<campaign>', 'its id'),
    { file: 'settings to change, as JSON or in a .yaml file; null as by default; - reads JSON from standard input' },
  )
    .addHelpText(
      'after',
      '\nFlags win over the file. What neither names stays as it is, and a field is changed as a whole.',
    )
    .action(async (id: string, options: CreateOptions & Json) => {
      const { settingsGiven } = await import('./campaign-input.ts');
      const { type, ...body } = await settingsGiven(options);
      const api = await client();
      if (type !== undefined) {
        const { settings } = (await api.get(pathOf('campaigns', id))) as { settings?: { type?: unknown } };
        if (settings?.type !== type) throw new CliError('type cannot be changed; create another campaign.', EXIT.usage);
      }
      await show(await api.patch(pathOf('campaigns', id), body), options.json);
    });
}

/** The flags of what a campaign can be created with, and be changed to while it is a draft. */
function withSettings(command: Command, { file }: { file: string }): Command {
  return command
    .option('-f, --file <file>', file)
    .option('--name <name>', 'what people call it')
    .option('--labels <labels>', 'for classification and spans: the labels to choose from, such as spam,ham', list)
    .option('--config <json>', 'what the task type needs to know, as JSON, or @file')
    .option('--instructions <text>', 'what annotators are told, or @file')
    .option('--redundancy <n>', 'answers wanted for each task', wholeNumber(1))
    .option('--max-redundancy <n>', 'answers at most, when annotators disagree', wholeNumber(1))
    .option('--tier <tier>', `least tier of the annotators: ${TIERS.join(', ')}`)
    .option('--budget <usd>', 'the most the campaign may spend, in dollars')
    .option('--price <usd>', 'pay for one answer, in dollars (default: by tier and type)')
    .option(
      '--strategy <name>',
      'how items are chosen: combined (default), random, uncertainty, entropy, least_confidence, diversity, kmeans++, expected_change, badge',
    )
    .option('--relabel', 'ask contested tasks again where that is worth more than a new item')
    .option('--mode <mode>', 'streaming (new work as old work ends) or rounds')
    .option('--batch-size <n>', 'tasks chosen at a time', wholeNumber(1))
    .option('--max-in-flight <n>', 'tasks open at a time', wholeNumber(1))
    .option('--gold-ratio <share>', 'share of answers that go to gold tasks, such as 0.05', share)
    .option('--min-confidence <share>', 'least confidence of a decision', share)
    .option('--on-disagreement <what>', 'accept, extend or adjudicate')
    .option('--seed <text>', 'seed of every random choice');
}

/** What keeps a campaign that has not ended from going on, where something does; unknown to an older server. */
async function waitsFor(api: ApiClient, id: string, answer: unknown): Promise<string | undefined> {
  const { state } = answer as { state?: unknown };
  if (state === 'paused') {
    const { openReport } = await import('./views.ts');
    const { data } = openReport.safeParse(await api.get(pathOf('campaigns', id, '/quality/reports')));
    const [newest] = data?.items ?? [];
    const why = newest?.closedAt === null ? newest.report.advice[0] : undefined;
    return why === undefined ? undefined : `\`quorate campaign resume\`, as low agreement paused it: ${why}`;
  }
  if (state !== 'running') return undefined;
  const { budgetView } = await import('./budget-view.ts');
  const { data } = budgetView.pick({ waiting: true }).safeParse(await api.get(pathOf('campaigns', id, '/budget')));
  return data?.waiting ?? undefined;
}

function leftOutText({
  count = 0,
  leftOut,
}: {
  count?: number | undefined;
  leftOut?: Record<string, number> | null | undefined;
}): string {
  const { unresolved = 0, ties = 0, severalOrNone = 0 } = leftOut ?? {};
  const left = unresolved + ties + severalOrNone;
  if (left === 0) return '';
  return `, of ${count} items: not of ${unresolved} unresolved, ${ties} ties, ${severalOrNone} with several labels or none`;
}

async function show(answer: unknown, json: boolean | undefined, waits?: string): Promise<void> {
  if (json) return printJson(answer);
  const [{ campaignView }, { expectShape }] = await Promise.all([import('./views.ts'), import('./shared.ts')]);
  const view = expectShape(campaignView, answer);
  const { counts, budget, agreement } = view;
  const fit = view.rounds.findLast((round) => round.heldOut !== null)?.heldOut;
  print([
    ...(view.simulated ? ['Simulated crowd: these answers come from a program, not from people.'] : []),
    ...facts([
      ['Campaign', view.name],
      ['Id', view.id],
      ['Type', view.type],
      ['State', view.stopReason === null ? view.state : `${view.state} (${view.stopReason})`],
      ['Waits for', waits],
      ['Round', `${view.round}, chosen by ${view.strategy}`],
      ['Items', `${counts.pool} in the pool, ${counts.gold} gold`],
      [
        'Tasks',
        `${counts.tasksDecided} decided, ${counts.tasksOpen} open` +
          (counts.tasksAdjudicating > 0 ? ` (${counts.tasksAdjudicating} for a ruling)` : '') +
          `, ${counts.tasksUnresolved} unresolved` +
          (counts.tasksCancelled > 0 ? `, ${counts.tasksCancelled} cancelled` : ''),
      ],
      ['Answers', `${counts.annotations}, and ${counts.goldAnnotations} on gold`],
      ['Spent', `$${budget.spentUsd} of $${budget.capUsd} ($${budget.reservedUsd} reserved)`],
      [
        'Held-out accuracy',
        fit && `${percent(fit.accuracy)} (95% interval ${percent(fit.low)} to ${percent(fit.high)})${leftOutText(fit)}`,
      ],
      ['Forecast', view.forecast?.text],
      [
        'By the model',
        view.autoLabeling &&
          `${view.autoLabeling.labels} labelled; it agrees with ${view.autoLabeling.agreed} of ${view.autoLabeling.audited} audits` +
            (view.autoLabeling.threshold === null ? ', which does not support it' : ''),
      ],
      ['Agreement', agreement.alpha === null ? null : `alpha ${agreement.alpha.toFixed(3)}`],
      ['Time-outs survived', counts.expiredLeases + counts.windowsElapsed],
      ['Escalation steps', counts.escalations],
      ['Annotators', `${view.eligibleAnnotators} may work on it`],
    ]),
  ]);
}
