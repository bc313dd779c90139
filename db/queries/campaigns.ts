import { v7 as uuidv7 } from 'uuid';
import type { CampaignPolicy } from '../../domain/campaign.ts';
import { QuorateError } from '../../domain/failures.ts';
import { type CampaignSettings, campaignPolicyOf, taskWorstCaseMicros } from '../../domain/settings.ts';
import { type Db, json, only, type Queryable } from '../client.ts';
import { DEFAULT_ORGANISATION } from '../schema/organisations.ts';
import type { CampaignState } from '../schema/states.ts';
import { givenAt } from './leases.ts';
import { lockBudget, releaseGoldMoney } from './money.ts';
import type { Part } from './queue.ts';

export interface CampaignRow {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly state: CampaignState;
  readonly settings: unknown;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  readonly stopReason: string | null;
  readonly simulated: boolean;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly pausedAt: Date | null;
  readonly endedAt: Date | null;
}

const columns = (sql: Queryable) => sql`
  id, organisation_id as "organisationId", name, state, settings, policy_version as "policyVersion", instructions_version as "instructionsVersion",
  stop_reason as "stopReason", simulated, created_at as "createdAt", started_at as "startedAt",
  paused_at as "pausedAt", ended_at as "endedAt"`;

/** Stores a new campaign with its budget and its gold money (empty until a batch is chosen). */
export async function insertCampaign(
  db: Db,
  campaign: {
    /** A repeat with the same one finds it made. */
    id?: string;
    name: string;
    settings: Partial<Pick<CampaignSettings, 'hedge'>>;
    capMicros: bigint;
    simulated: boolean;
    organisationId?: string;
  },
): Promise<string> {
  const id = campaign.id ?? uuidv7();
  await db.begin(async (tx) => {
    const made = await tx`
      insert into campaigns (id, organisation_id, name, settings, simulated)
      values (${id}, ${campaign.organisationId ?? DEFAULT_ORGANISATION}, ${campaign.name}, ${json(tx, campaign.settings)}, ${campaign.simulated})
      on conflict (id) do nothing returning 1`;
    if (made.length === 0) return;
    await tx`insert into policies (campaign_id, version, settings) values (${id}, 1, ${json(tx, campaign.settings)})`;
    await tx`
      insert into instruction_versions (campaign_id, version, instructions)
      select id, 1, coalesce(settings ->> 'instructions', '') from campaigns where id = ${id}`;
    await tx`insert into budgets (campaign_id, cap_micros) values (${id}, ${campaign.capMicros})`;
    await setDraftsHedge(tx, id, campaign.settings.hedge?.budgetMicros);
    await tx`
      insert into authorizations (id, campaign_id, amount_micros, expires_at)
      values (${uuidv7()}, ${id}, 0, 'infinity')`;
  });
  return id;
}

/** What a draft's hedges may cost in all, of which nothing is drawn yet. */
export async function setDraftsHedge(tx: Queryable, id: string, budgetMicros: string | undefined): Promise<void> {
  await tx`delete from budget_limits where campaign_id = ${id} and scope = 'hedge'`;
  if (budgetMicros === undefined) return;
  await tx`
    insert into budget_limits (id, scope, campaign_id, cap_micros, drawn_micros)
    values (${uuidv7()}, 'hedge', ${id}, ${budgetMicros}, 0)`;
}

/** One campaign. */
export async function findCampaign(sql: Queryable, id: string): Promise<CampaignRow | undefined> {
  const [row] = await sql<CampaignRow[]>`select ${columns(sql)} from campaigns where id = ${id}`;
  return row;
}

/** An organisation's campaigns, newest first, after `cursor` (the id of the last one seen). */
export async function listCampaigns(
  sql: Queryable,
  page: { organisationId: string; cursor?: string | undefined; limit: number },
): Promise<CampaignRow[]> {
  return sql<CampaignRow[]>`
    select ${columns(sql)} from campaigns
    where organisation_id = ${page.organisationId}
      and ${page.cursor === undefined ? sql`true` : sql`id < ${page.cursor}`}
    order by id desc limit ${page.limit}`;
}

export interface OpenCampaign {
  readonly id: string;
  readonly organisationId: string;
  readonly state: 'running' | 'stopping';
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  /** Whether an open slot belongs to a domain. */
  readonly hasDomains: boolean;
}

/** Campaigns whose tasks are being offered, oldest first; asked often, so without their settings. */
export async function openCampaigns(sql: Queryable): Promise<OpenCampaign[]> {
  return sql<OpenCampaign[]>`
    select c.id, c.organisation_id as "organisationId", c.state, c.policy_version as "policyVersion", c.instructions_version as "instructionsVersion",
      exists (select from slots s where s.campaign_id = c.id and s.state = 'open' and s.domain is not null) as "hasDomains"
    from campaigns c where c.state in ('running', 'stopping') order by c.created_at`;
}

/** Moves a draft to running, and has its workflow started. False when it was no draft, or is of another policy version. */
export async function markStarted(sql: Queryable, id: string, policyVersion: number): Promise<boolean> {
  const rows = await sql`
    with started as (
      update campaigns set state = 'running', started_at = now()
      where id = ${id} and state = 'draft' and policy_version = ${policyVersion}
      returning id
    ), told as (
      insert into outbox (kind, target_id, message, payload)
      select 'start_campaign', id::text, 'start', '{}'::jsonb from started
    )
    select id from started`;
  return rows.length > 0;
}

/** How the workflow of a campaign is started that has begun and not ended; undefined for others. */
export async function campaignStart(
  sql: Queryable,
  id: string,
): Promise<{ campaignId: string; policy: CampaignPolicy } | undefined> {
  const [row] = await sql<{ settings: CampaignSettings }[]>`
    select settings from campaigns where id = ${id} and state in ('running', 'paused', 'stopping')`;
  return row && { campaignId: id, policy: campaignPolicyOf(row.settings) };
}

/** Stops the clock: no new leases, and leases and windows keep the time they have left. Repeating changes nothing. */
export async function pauseCampaign(db: Db, id: string): Promise<void> {
  await db.begin(async (tx) => {
    const [paused] = await tx<{ at: Date }[]>`
      update campaigns set state = 'paused', paused_at = now() where id = ${id} and state in ('running', 'stopping')
      returning paused_at as at`;
    if (paused) await tellOpenTasks(tx, { campaignId: id, message: 'paused', payload: { atMs: paused.at.getTime() } });
  });
}

/**
 * Starts the clock again: every running lease and vendor's order gets the paused time added, which is none that was worked. Repeating changes nothing.
 * No resumption is dated before its pause, though the server's clock may have been set back: tasks would take it for an
 * older one's.
 */
export async function resumeCampaign(db: Db, change: { id: string; to: 'running' | 'stopping' }): Promise<void> {
  await db.begin(async (tx) => {
    const [paused] = await tx<{ pause: string; at: Date }[]>`
      select greatest(now() - paused_at, '0')::text as pause, greatest(now(), paused_at) as at
      from campaigns where id = ${change.id} and state = 'paused'
      for no key update`;
    if (!paused) return;
    // Tasks before their slots, as those who end them lock them.
    const pauseSince = (moment: Part) => tx`greatest(now() - greatest(c.paused_at, ${moment}), '0')`;
    const pause = pauseSince(tx`t.adjudicating_since`);
    await tx`
      update tasks t set adjudicating_since = t.adjudicating_since + ${pause}, ruling_by = t.ruling_by + ${pause}
      from campaigns c where c.id = t.campaign_id and t.campaign_id = ${change.id} and t.state = 'adjudicating'`;
    await tx`
      update tasks t set opened_at = t.opened_at + ${pauseSince(tx`t.opened_at`)}
      from campaigns c
      where c.id = t.campaign_id and t.campaign_id = ${change.id} and t.state = 'open' and t.opened_at is not null`;
    // Slots before assignments, as submissions lock them.
    await tx`
      update slots set lease_expires_at = lease_expires_at + ${paused.pause}::interval
      where campaign_id = ${change.id} and state = 'leased'`;
    await tx`
      update assignments a set expires_at = expires_at + ${paused.pause}::interval,
        renewed_at = ${givenAt(tx)} + ${paused.pause}::interval
      where campaign_id = ${change.id} and state = 'leased'`;
    await tx`
      with longer as (
        update vendor_orders set deadline_at = deadline_at + ${paused.pause}::interval
        where campaign_id = ${change.id} and state in ('intent', 'submitting', 'placed') returning id
      ), held as (
        -- Closed ones may hold answers that came late, while it was paused.
        select distinct o.id from vendor_orders o join vendor_units u on u.order_id = o.id
          join vendor_responses r on r.unit_id = u.id and r.state = 'waiting'
        where o.campaign_id = ${change.id} and o.state = 'closed'
      )
      insert into outbox (kind, target_id, message, payload)
      select 'signal_order', id::text, 'orderChanged', '{}'::jsonb from (select id from longer union select id from held) told`;
    await tx`update quality_reports set closed_at = now() where campaign_id = ${change.id} and closed_at is null`;
    await tx`update campaigns set state = ${change.to}, paused_at = null where id = ${change.id}`;
    await tellOpenTasks(tx, { campaignId: change.id, message: 'resumed', payload: { atMs: paused.at.getTime() } });
  });
}

/** Marks a campaign as choosing no more work; with `cancelOpen` its open tasks are told to end. */
export async function markStopping(db: Db, change: { id: string; reason: string; cancelOpen: boolean }): Promise<void> {
  await db.begin(async (tx) => {
    await tx`
      update campaigns set state = 'stopping', stop_reason = ${change.reason}, paused_at = null
      where id = ${change.id} and state in ('running', 'paused', 'stopping')`;
    if (change.cancelOpen) {
      await tellOpenTasks(tx, {
        campaignId: change.id,
        message: 'cancelled',
        payload: { reason: 'The campaign was stopped.' },
      });
    }
  });
}

/** Keeps why a campaign that has not ended chooses no more work; null where it does again, though it was resumed to stop. */
export async function noteStop(sql: Queryable, change: { id: string; reason: string | null }): Promise<void> {
  await sql`
    update campaigns set stop_reason = ${change.reason},
      state = case when ${change.reason}::text is null and state = 'stopping' then 'running' else state end
    where id = ${change.id} and state in ('running', 'paused', 'stopping')`;
}

const MOST_OPEN = 2000;

/** Why a campaign has not ended. */
export interface Unfinished {
  readonly open: string[];
  readonly poolGrew?: true;
  readonly moneyCame?: true;
}

/**
 * The campaign's end and the release of what its gold money has left, in one: an ended campaign reserves nothing but
 * what its last leases hold. With tasks open (reopened ones, which its workflow may not know of) nothing is changed,
 * and these are the answer, as many as a workflow can carry: it comes back for more. With `mayGoOn`, an item in the pool and,
 * where it ends for want of money, enough of that for a task it is running again. Stopped by hand is `stopped`; every other reason is `finished`.
 */
export async function markEnded(
  db: Db,
  change: { id: string; reason: string; mayGoOn?: boolean },
): Promise<Unfinished | undefined> {
  return db.begin(async (tx) => {
    // The budget before the campaign, as those who plan a batch or reopen tasks lock them; whoever reopens holds both
    // meanwhile, so this sees what they did. Not `for update`: that would wait for whoever books an entry.
    const budget = await lockBudget(tx, change.id);
    const { settings } = only(
      await tx<{ settings: CampaignSettings }[]>`
        select settings from campaigns where id = ${change.id} for no key update`,
    );
    const open = await tx<{ id: string }[]>`
      select id from tasks
      where campaign_id = ${change.id} and kind = 'work' and state in ('planned', 'open', 'adjudicating')
      limit ${MOST_OPEN}`;
    if (open.length > 0) return { open: open.map(({ id }) => id) };
    const forMoney = change.reason === 'budget';
    const freeMicros = budget.capMicros - budget.reservedMicros - budget.spentMicros;
    // As much as choosing a task takes before it says that there is no money.
    const isRich = !forMoney || freeMicros >= taskWorstCaseMicros(settings);
    if (change.mayGoOn && isRich && (forMoney || change.reason === 'pool_empty')) {
      const [item] = await tx`select 1 from items where campaign_id = ${change.id} and state = 'pool' limit 1`;
      if (item) {
        // Resumed after it had found none, it says that it is stopping.
        await tx`update campaigns set state = 'running' where id = ${change.id} and state = 'stopping'`;
        return { open: [], ...(forMoney ? { moneyCame: true } : { poolGrew: true }) };
      }
    }
    await tx`
      update campaigns set state = ${change.reason === 'by_hand' ? 'stopped' : 'finished'}, stop_reason = ${change.reason},
        ended_at = now(), paused_at = null
      where id = ${change.id} and state not in ('finished', 'stopped')`;
    // Known-answer tasks have no workflow of their own: they end with the campaign.
    await tx`
      update tasks set state = 'cancelled', closed_at = now()
      where campaign_id = ${change.id} and kind <> 'work' and state in ('planned', 'open')`;
    await releaseGoldMoney(tx, change.id);
    return undefined;
  });
}

export interface InstructionVersionRow {
  readonly version: number;
  readonly instructions: string;
  readonly createdAt: Date;
}

/** The instructions of a campaign, newest first, from the version before `before` on. */
export async function instructionVersionsOf(
  sql: Queryable,
  campaignId: string,
  { limit, before }: { limit: number; before: number | null },
): Promise<InstructionVersionRow[]> {
  return sql<InstructionVersionRow[]>`
    select version, instructions, created_at as "createdAt" from instruction_versions
    where campaign_id = ${campaignId} and (${before}::int is null or version < ${before})
    order by version desc limit ${limit}`;
}

/**
 * Stores changed settings under a new policy version; decisions from now on cite it. Refused, to be tried again, when
 * the version is no longer the one that the settings were read under (`key`), and those of a draft once it has started.
 */
export async function changeSettings(
  sql: Queryable,
  change: { id: string; settings: unknown; key: number; draft?: true },
): Promise<number> {
  const settings = json(sql, change.settings);
  const [row] = await sql<{ version: number }[]>`
    with changed as (
      update campaigns set settings = ${settings}, policy_version = policy_version + 1,
        name = coalesce(${settings} ->> 'name', name), simulated = coalesce((${settings} ->> 'simulated')::boolean, simulated),
        instructions_version = instructions_version
          + case when ${settings} ->> 'instructions' <> settings ->> 'instructions' then 1 else 0 end
      where id = ${change.id} and policy_version = ${change.key} and (state = 'draft' or ${change.draft !== true})
      returning id, policy_version, settings, instructions_version
    ), versions as (
      insert into instruction_versions (campaign_id, version, instructions)
      select id, instructions_version, coalesce(settings ->> 'instructions', '') from changed
      on conflict (campaign_id, version) do nothing
    )
    insert into policies (campaign_id, version, settings) select id, policy_version, settings from changed
    returning version`;
  if (!row) throw new QuorateError('unavailable', 'The settings were changed by someone else just now; try again.');
  return row.version;
}

/**
 * Stores changed rules, each under its name in the settings, under a new policy version: for tasks chosen from now on,
 * and golds that are open. Those that are undefined stay as they are. Other `instructions` are a new version of them;
 * `hourlyMicros` of null pays by the answer again, `dailyLimit` and `rejectionWindowMs` of null are as if never set. Where nothing differs there is no new
 * version. False, and nothing stored, where other instructions than these have come after those of `basedOn`.
 */
export async function changeRules(
  sql: Queryable,
  change: { id: string; rules: Readonly<Record<string, unknown>>; basedOn?: number | undefined },
): Promise<boolean> {
  const lifted = ['hourlyMicros', 'dailyLimit', 'rejectionWindowMs'].filter((name) => change.rules[name] === null);
  const { basedOn = null } = change;
  const rules = sql`${json(sql, change.rules)}`;
  const known = await sql`
    with its as (
      select id, (settings || ${rules}) - ${lifted}::text[] as wanted from campaigns
      where id = ${change.id} and (${basedOn}::int is null or instructions_version = ${basedOn}
        or settings ->> 'instructions' = ${rules} ->> 'instructions')
      for no key update
    ), changed as (
      update campaigns c
      set settings = its.wanted, policy_version = policy_version + 1,
        instructions_version = instructions_version
          + case when its.wanted ->> 'instructions' <> settings ->> 'instructions' then 1 else 0 end
      from its where c.id = its.id and its.wanted <> c.settings
      returning c.id, policy_version, settings, instructions_version
    ), versions as (
      insert into instruction_versions (campaign_id, version, instructions)
      select id, instructions_version, settings ->> 'instructions' from changed
      on conflict (campaign_id, version) do nothing
    ), golds as (
      update tasks t set policy_version = changed.policy_version, instructions_version = changed.instructions_version
      from changed where t.campaign_id = changed.id and t.kind <> 'work' and t.state in ('planned', 'open')
    ), policy as (
      insert into policies (campaign_id, version, settings) select id, policy_version, settings from changed
    )
    select from its`;
  return known.length > 0;
}

/** What an answer paid when the campaign last paid by the answer; undefined where it always has by the hour. */
export async function lastPriceByAnswer(sql: Queryable, campaignId: string): Promise<string | undefined> {
  const [row] = await sql<{ micros: string }[]>`
    select settings ->> 'priceMicros' as micros from policies
    where campaign_id = ${campaignId} and hourly_micros is null order by version desc limit 1`;
  return row?.micros;
}

/** The settings under one policy version. */
export async function policySettings(sql: Queryable, at: { campaignId: string; version: number }): Promise<unknown> {
  const [row] = await sql<{ settings: unknown }[]>`
    select settings from policies where campaign_id = ${at.campaignId} and version = ${at.version}`;
  return row?.settings;
}

async function tellOpenTasks(
  sql: Queryable,
  told: { campaignId: string; message: string; payload: Record<string, unknown> },
): Promise<void> {
  await sql`
    insert into outbox (kind, target_id, message, payload)
    select 'signal_task', id, ${told.message}, ${json(sql, told.payload)}
    from tasks
    where campaign_id = ${told.campaignId} and kind = 'work' and state in ('planned', 'open', 'adjudicating')`;
}
