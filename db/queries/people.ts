import { v7 as uuidv7 } from 'uuid';
import { QuorateError } from '../../domain/failures.ts';
import type { Tier } from '../../domain/tiers.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import { DEFAULT_ORGANISATION } from '../schema/organisations.ts';
import type { Role } from '../schema/states.ts';
import { insertAnnotatorRow } from './annotators.ts';

// Any constant does: two first owners at once wait for each other.
// Not the locks of migrations and of the relay, which its leader holds as long as it lives.
const SETUP_LOCK = 7_400_743;

/** Someone who will sign in. */
export interface NewUser {
  readonly name: string;
  /** In lower case. */
  readonly email: string;
  /** Null of who comes by a provider's sign-in alone. */
  readonly passwordHash: string | null;
}

/** Whether the first organisation has nobody yet who owns it. */
export async function needsOwner(sql: Queryable): Promise<boolean> {
  const [row] = await sql`
    select 1 from members where organisation_id = ${DEFAULT_ORGANISATION} and role = 'owner' limit 1`;
  return row === undefined;
}

/** Makes the first owner and names their organisation; `conflict` when there is an owner already. */
export async function makeOwner(db: Db, owner: NewUser & { organisation: string }): Promise<void> {
  await db.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${SETUP_LOCK})`;
    if (!(await needsOwner(tx))) {
      throw new QuorateError('conflict', 'This server has an owner already; sign in, or ask them for an invitation.');
    }
    await tx`update organisations set name = ${owner.organisation} where id = ${DEFAULT_ORGANISATION}`;
    const userId = await insertUser(tx, owner);
    await insertMember(tx, { userId, organisationId: DEFAULT_ORGANISATION, role: 'owner', annotatorId: null });
  });
}

/** Stores a user, with their password's hash if there is one; `conflict` when the address has an account already. */
async function insertUser(tx: Tx, user: NewUser): Promise<string> {
  const id = uuidv7();
  const made = await tx`
    insert into users (id, name, email, email_verified) values (${id}, ${user.name}, ${user.email}, true)
    on conflict (email) do nothing returning id`;
  if (made.length === 0) {
    throw new QuorateError('conflict', `${user.email} has an account here already; sign in with it.`, {
      field: 'email',
    });
  }
  if (user.passwordHash !== null) {
    await tx`
      insert into accounts (id, user_id, provider_id, account_id, password)
      values (${uuidv7()}, ${id}, 'credential', ${id}, ${user.passwordHash})`;
  }
  return id;
}

async function insertMember(
  tx: Tx,
  member: { userId: string; organisationId: string; role: Role; annotatorId: string | null },
): Promise<void> {
  await tx`
    insert into members (user_id, organisation_id, role, annotator_id)
    values (${member.userId}, ${member.organisationId}, ${member.role}, ${member.annotatorId})`;
}

export interface InvitationRow {
  readonly id: string;
  readonly organisationId: string;
  readonly organisation: string;
  readonly email: string;
  readonly role: Role;
  /** Of the annotator that will be made, as all up to the languages; null for other roles. */
  readonly tier: Tier | null;
  readonly workforce: string;
  readonly specializations: string[];
  readonly languages: string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly revokedAt: Date | null;
}

const invitationColumns = (sql: Queryable) => sql`
  i.id, i.organisation_id as "organisationId", o.name as organisation, i.email, i.role, i.tier, i.workforce,
  i.specializations, i.languages,
  i.created_at as "createdAt", i.expires_at as "expiresAt", i.accepted_at as "acceptedAt", i.revoked_at as "revokedAt"`;

/** Whether invitation `i` can still be accepted. */
const canBeAccepted = (sql: Queryable) => sql`i.accepted_at is null and i.revoked_at is null and i.expires_at > now()`;

export interface NewInvitation {
  readonly organisationId: string;
  readonly tokenHash: string;
  readonly email: string;
  readonly role: Role;
  readonly tier: Tier | null;
  readonly workforce?: string | undefined;
  readonly specializations?: readonly string[] | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly invitedBy: string;
  readonly expiresAt: Date;
}

/** Stores an invitation; an earlier open one of the same address here is revoked. */
export async function insertInvitation(db: Db, invitation: NewInvitation): Promise<InvitationRow> {
  return db.begin((tx) => invite(tx, invitation));
}

async function invite(tx: Tx, invitation: NewInvitation): Promise<InvitationRow> {
  const { organisationId, tokenHash, email, role, tier, workforce, invitedBy, expiresAt } = invitation;
  const [user] = await tx`select 1 from users where email = ${email}`;
  if (user) throw new QuorateError('conflict', `${email} has an account here already.`, { field: 'email' });
  await tx`
    update invitations set revoked_at = now()
    where organisation_id = ${organisationId} and email = ${email} and accepted_at is null and revoked_at is null`;
  return only(
    await tx<InvitationRow[]>`
      with i as (
        insert into invitations (id, organisation_id, token_hash, email, role, tier, workforce, specializations, languages,
          invited_by, expires_at)
        values (${uuidv7()}, ${organisationId}, ${tokenHash}, ${email}, ${role}, ${tier}, ${workforce ?? 'internal'},
          ${[...(invitation.specializations ?? [])]}, ${[...(invitation.languages ?? [])]}, ${invitedBy}, ${expiresAt})
        returning *
      )
      select ${invitationColumns(tx)} from i join organisations o on o.id = i.organisation_id`,
  );
}

export interface OrganisationRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** Makes an organisation, of which the invited one is the owner; a repeat with the same id invites anew. */
export async function insertOrganisation(
  db: Db,
  made: { name: string; invitation: NewInvitation },
): Promise<{ organisation: OrganisationRow; invitation: InvitationRow }> {
  const { name, invitation } = made;
  return db.begin(async (tx) => {
    const organisation = only(
      await tx<OrganisationRow[]>`
        insert into organisations (id, name) values (${invitation.organisationId}, ${name})
        on conflict (id) do update set name = excluded.name
        returning id, name, created_at as "createdAt"`,
    );
    return { organisation, invitation: await invite(tx, invitation) };
  });
}

/** All organisations of this server in the order of their ids, after `cursor`. */
export async function listOrganisations(
  sql: Queryable,
  page: { cursor?: string | undefined; limit: number },
): Promise<OrganisationRow[]> {
  return sql<OrganisationRow[]>`
    select id, name, created_at as "createdAt" from organisations
    where ${page.cursor === undefined ? sql`true` : sql`id > ${page.cursor}`}
    order by id limit ${page.limit}`;
}

/** An organisation's invitations in the order they were made, after `cursor`; all, or those that can be accepted then. */
export async function listInvitations(
  sql: Queryable,
  page: { organisationId: string; openAt?: Date | undefined; cursor?: string | undefined; limit: number },
): Promise<InvitationRow[]> {
  return sql<InvitationRow[]>`
    select ${invitationColumns(sql)} from invitations i join organisations o on o.id = i.organisation_id
    where i.organisation_id = ${page.organisationId}
      and ${page.openAt === undefined ? sql`true` : sql`i.accepted_at is null and i.revoked_at is null and i.expires_at > ${page.openAt}`}
      and ${page.cursor === undefined ? sql`true` : sql`i.id > ${page.cursor}`}
    order by i.id limit ${page.limit}`;
}

/** The invitation of a link that can still be accepted. */
export async function openInvitation(sql: Queryable, tokenHash: string): Promise<InvitationRow | undefined> {
  const [row] = await sql<InvitationRow[]>`
    select ${invitationColumns(sql)} from invitations i join organisations o on o.id = i.organisation_id
    where i.token_hash = ${tokenHash} and ${canBeAccepted(sql)}`;
  return row;
}

/** Takes an invitation back; false when it is not there or was used. */
export async function revokeInvitation(
  sql: Queryable,
  invitation: { id: string; organisationId: string },
): Promise<boolean> {
  const rows = await sql`
    update invitations set revoked_at = coalesce(revoked_at, now())
    where id = ${invitation.id} and organisation_id = ${invitation.organisationId} and accepted_at is null
    returning id`;
  return rows.length > 0;
}

/**
 * Makes the user that was invited, with their place and, for an annotator, the row they answer as: all or nothing, and
 * once. Undefined when the link cannot be used (any more).
 */
export async function acceptInvitation(
  db: Db,
  accepted: { tokenHash: string; name: string; passwordHash: string },
): Promise<{ email: string } | undefined> {
  return db.begin(async (tx) => {
    const [held] = await tx<{ id: string }[]>`
      select id from invitations where token_hash = ${accepted.tokenHash} for update`;
    const invitation = held && (await openInvitation(tx, accepted.tokenHash));
    if (!invitation) return undefined;
    const { email } = invitation;
    const userId = await insertUser(tx, { name: accepted.name, email, passwordHash: accepted.passwordHash });
    await join(tx, invitation, { userId, name: accepted.name });
    return { email };
  });
}

/**
 * Has whoever comes by a provider's sign-in accept the one open invitation of their address, which the provider has
 * verified. Nothing happens where they are here already, or where none or several invite them.
 */
export async function acceptVerified(
  db: Db,
  person: { readonly email: string; readonly name: string; readonly providerId: string; readonly accountId: string },
): Promise<void> {
  const { email, name, providerId, accountId } = person;
  await db.begin(async (tx) => {
    const open = await tx<InvitationRow[]>`
      select ${invitationColumns(tx)} from invitations i join organisations o on o.id = i.organisation_id
      where i.email = ${email} and ${canBeAccepted(tx)}
        and not exists (select from users where email = ${email})
        and not exists (select from accounts where provider_id = ${providerId} and account_id = ${accountId})
      for update of i`;
    const [invitation] = open;
    if (!invitation || open.length > 1) return;
    await join(tx, invitation, { userId: await insertUser(tx, { name, email, passwordHash: null }), name });
  });
}

async function join(tx: Tx, invitation: InvitationRow, user: { userId: string; name: string }): Promise<void> {
  const { id, organisationId, role, tier, workforce, specializations, languages } = invitation;
  const person = { kind: 'person', workforce, specializations, languages, simulated: false };
  const annotator =
    role === 'annotator' && tier !== null
      ? await insertAnnotatorRow(tx, { ...person, organisationId, name: user.name, tier })
      : null;
  await insertMember(tx, { userId: user.userId, organisationId, role, annotatorId: annotator?.id ?? null });
  await tx`update invitations set accepted_at = now(), accepted_by = ${user.userId} where id = ${id}`;
}

/** A secret that all processes share: the stored one, or `made` where there was none. */
export async function sharedSecret(sql: Queryable, name: string, made: string): Promise<string> {
  await sql`insert into secrets (name, value) values (${name}, ${made}) on conflict (name) do nothing`;
  return only(await sql<{ value: string }[]>`select value from secrets where name = ${name}`).value;
}
