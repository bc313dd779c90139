import { QuorateError } from '../../domain/failures.ts';
import type { Db, Tx } from '../client.ts';
import type { Role } from '../schema/states.ts';
import type { MemberRow } from './keys.ts';

type Place = { readonly userId: string; readonly organisationId: string };
/** Throws where whoever asks has no say about a member of this role. */
type Admit = { readonly admit?: ((role: Role) => void) | undefined };

/**
 * Gives a member another role; undefined when the organisation has no such member. `conflict` for the last owner, and
 * from or to annotator: who answers has a row with pay and a record, which no other role has. An owner's keys and open
 * invitations end with being an owner; the keys they gave to annotators, with a role that gives none (`givesKeys`).
 */
export async function changeRole(
  db: Db,
  change: Place & Admit & { role: Role; givesKeys: boolean },
): Promise<(MemberRow & Ended) | undefined> {
  const { userId, organisationId, role } = change;
  return db.begin(async (tx) => {
    const member = await holdMember(tx, change);
    if (member) change.admit?.(member.role);
    if (!member || member.role === role) return member && { ...member, ...NONE_ENDED };
    if (member.role === 'annotator' || role === 'annotator') {
      throw new QuorateError(
        'conflict',
        `${member.name} cannot turn from ${member.role} to ${role}: an annotator's answers and pay are kept apart from every other role. Remove them and invite them again.`,
        { field: 'role' },
      );
    }
    if (member.role === 'owner') {
      await requireAnotherOwner(tx, change, member.name);
      await endWhatTheyLetIn(tx, change);
    }
    await tx`update members set role = ${role} where user_id = ${userId} and organisation_id = ${organisationId}`;
    return { ...member, role, ...(change.givesKeys ? NONE_ENDED : await endGivenKeys(tx, change)) };
  });
}

/**
 * Removes a member with their account, sessions, the keys they made and open invitations; what they did stays, under
 * their id. Undefined when the organisation has no such member; `conflict` for the last owner.
 */
export async function removeMember(db: Db, place: Place & Admit): Promise<Ended | undefined> {
  return db.begin(async (tx) => {
    const member = await holdMember(tx, place);
    if (!member) return undefined;
    place.admit?.(member.role);
    if (member.role === 'owner') await requireAnotherOwner(tx, place, member.name);
    await endWhatTheyLetIn(tx, place);
    const ended = await endGivenKeys(tx, place);
    if (member.annotatorId !== null) {
      await tx`
        update api_keys set revoked_at = coalesce(revoked_at, now()) where annotator_id = ${member.annotatorId}`;
    }
    await tx`delete from users where id = ${place.userId}`;
    return ended;
  });
}

const MOST_NAMED = 100;

/** Annotators who have no key any more, as whoever gave it to them may give none: they are told, or given another one. */
export interface Ended {
  readonly annotatorKeysEnded: number;
  /** The first of them. */
  readonly withoutKey: { readonly id: string; readonly name: string }[];
}
const NONE_ENDED: Ended = { annotatorKeysEnded: 0, withoutKey: [] };

/** Ends the keys that they gave to annotators: whoever made a key may have kept it. */
async function endGivenKeys(tx: Tx, { userId, organisationId }: Place): Promise<Ended> {
  const ended = await tx<{ id: string; name: string }[]>`
    with ended as (
      update api_keys set revoked_at = now()
      where organisation_id = ${organisationId} and made_by = ${userId} and annotator_id is not null
        and revoked_at is null
      returning annotator_id
    )
    select a.id, a.name from annotators a where a.id in (select annotator_id from ended) order by a.name, a.id`;
  return { annotatorKeysEnded: ended.length, withoutKey: ended.slice(0, MOST_NAMED) };
}

/** Ends the other keys that they made and the invitations that they sent: who may no longer let people in has let in nobody. */
async function endWhatTheyLetIn(tx: Tx, { userId, organisationId }: Place): Promise<void> {
  await tx`
    update api_keys set revoked_at = now()
    where organisation_id = ${organisationId} and made_by = ${userId} and annotator_id is null
      and revoked_at is null`;
  await tx`
    update invitations set revoked_at = now()
    where organisation_id = ${organisationId} and invited_by = ${userId} and accepted_at is null and revoked_at is null`;
}

/** All owners are locked with the member, so that of two that go at once one stays. */
async function holdMember(tx: Tx, { userId, organisationId }: Place): Promise<MemberRow | undefined> {
  await tx`
    select 1 from members where organisation_id = ${organisationId} and (role = 'owner' or user_id = ${userId})
    order by user_id for update`;
  const [member] = await tx<MemberRow[]>`
    select u.id, u.name, u.email, m.role, m.annotator_id as "annotatorId", m.created_at as "createdAt"
    from members m join users u on u.id = m.user_id
    where m.organisation_id = ${organisationId} and m.user_id = ${userId}`;
  return member;
}

async function requireAnotherOwner(tx: Tx, { userId, organisationId }: Place, name: string): Promise<void> {
  const [other] = await tx`
    select 1 from members where organisation_id = ${organisationId} and role = 'owner' and user_id <> ${userId} limit 1`;
  if (other) return;
  throw new QuorateError('conflict', `${name} is the only owner; make somebody else an owner first.`);
}
