import type { Migration } from '@banyan/kernel/persistence';

/** Users, their sessions, and the keys that sign for them. Only this context's role can read the schema. */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    create table user_account (
      id uuid primary key,
      email text not null constraint user_account_email_lower_case check (email = lower(email)),
      name text not null,
      password_hash text not null,
      roles text[] not null constraint user_account_roles_known
        check (roles <@ array['customer', 'staff', 'operator'] and cardinality(roles) > 0),
      registered_at timestamptz not null
    );
    create unique index user_account_email on user_account (email);
    create index user_account_operators on user_account (id) where 'operator' = any (roles);

    -- A session is the family of all refresh tokens that descend from one sign-in.
    create table session (
      id uuid primary key,
      user_id uuid not null references user_account,
      started_at timestamptz not null,
      expires_at timestamptz not null,
      ended_at timestamptz,
      end_reason text constraint session_end_reason_known check (end_reason in ('signed-out', 'token-reused')),
      constraint session_ended_for_a_reason check ((ended_at is null) = (end_reason is null))
    );
    create index session_of_user on session (user_id, expires_at);

    -- The token itself is never stored.
    create table refresh_token (
      token_hash bytea primary key constraint refresh_token_hash_is_sha256 check (octet_length(token_hash) = 32),
      session_id uuid not null references session on delete cascade,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index refresh_token_of_session on refresh_token (session_id, expires_at);

    -- Ed25519 key pairs (RFC 8032). Private keys are not encrypted here: whoever reads this table signs in as anybody.
    create table signing_key (
      kid text primary key,
      private_key bytea not null constraint signing_key_private_is_seed check (octet_length(private_key) = 32),
      public_key bytea not null constraint signing_key_public_is_point check (octet_length(public_key) = 32),
      signs_from timestamptz not null
    );
  `,
};
