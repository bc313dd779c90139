import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { createdAt, id, moment, oneOf } from './columns.ts';
import { organisations } from './organisations.ts';
import { ROLES, TIER_NAMES } from './states.ts';

// The first four are the tables of better-auth, under our names for tables and columns.

export const users = pgTable(
  'users',
  {
    id: id(),
    name: text('name').notNull(),
    /** In lower case. */
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('users_email').on(t.email), check('users_email_lower', sql`${t.email} = lower(${t.email})`)],
);

const userId = () =>
  uuid('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' });

export const sessions = pgTable(
  'sessions',
  {
    id: id(),
    token: text('token').notNull(),
    userId: userId(),
    expiresAt: moment('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('sessions_token').on(t.token), index('sessions_user').on(t.userId)],
);

/** How a user signs in: with a password, or through a provider. */
export const accounts = pgTable(
  'accounts',
  {
    id: id(),
    userId: userId(),
    /** `credential` where there is a password. */
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: moment('access_token_expires_at'),
    refreshTokenExpiresAt: moment('refresh_token_expires_at'),
    scope: text('scope'),
    /** Hashed with scrypt. */
    password: text('password'),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('accounts_provider').on(t.providerId, t.accountId), index('accounts_user').on(t.userId)],
);

/** What somebody was sent and has to come back with: to reset a password, or from a provider. */
export const verifications = pgTable(
  'verifications',
  {
    id: id(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [index('verifications_identifier').on(t.identifier)],
);

/** A user's place: one organisation, one role in it; annotators have the row they answer as. */
export const members = pgTable(
  'members',
  {
    userId: uuid('user_id')
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisations.id),
    role: text('role', { enum: ROLES }).notNull(),
    annotatorId: uuid('annotator_id').references(() => annotators.id),
    createdAt: createdAt(),
  },
  (t) => [
    index('members_organisation').on(t.organisationId, t.userId),
    uniqueIndex('members_annotator').on(t.annotatorId),
    check('members_role', sql`${t.role} in (${oneOf(ROLES)})`),
    check('members_annotator_row', sql`(${t.role} = 'annotator') = (${t.annotatorId} is not null)`),
  ],
);

/** Who was asked to join. Only the hash of the link's token is kept. */
export const invitations = pgTable(
  'invitations',
  {
    id: id(),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisations.id),
    tokenHash: text('token_hash').notNull(),
    email: text('email').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    /** Of the annotator that will be made; null for other roles. */
    tier: text('tier', { enum: TIER_NAMES }),
    workforce: text('workforce').notNull().default('internal'),
    specializations: text('specializations').array().notNull().default(sql`'{}'`),
    languages: text('languages').array().notNull().default(sql`'{}'`),
    /** A user's or key's id. */
    invitedBy: text('invited_by').notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    acceptedAt: moment('accepted_at'),
    acceptedBy: uuid('accepted_by').references(() => users.id, { onDelete: 'set null' }),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    uniqueIndex('invitations_token').on(t.tokenHash),
    index('invitations_organisation').on(t.organisationId, t.id),
    index('invitations_email').on(t.email),
    check('invitations_role', sql`${t.role} in (${oneOf(ROLES)})`),
    check('invitations_tier', sql`(${t.role} = 'annotator') = (${t.tier} is not null)`),
    check('invitations_email_lower', sql`${t.email} = lower(${t.email})`),
  ],
);

/** Wrong passwords by e-mail address, whether there is such a user or not; too many lock the address for a while. */
export const signInFailures = pgTable(
  'sign_in_failures',
  {
    email: text('email').notNull(),
    /** Where they came from; empty: from anywhere, all of them. */
    network: text('network').notNull().default(''),
    failures: integer('failures').notNull(),
    lastAt: moment('last_at').notNull().default(sql`now()`),
    lockedUntil: moment('locked_until'),
  },
  (t) => [primaryKey({ columns: [t.email, t.network] })],
);

/** Secrets that all API processes share and nobody configured. */
export const secrets = pgTable('secrets', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});
