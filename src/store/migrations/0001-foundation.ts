/** Compatible: the first schema. Statements are portable between SQLite and PostgreSQL. */
export const foundation = {
  name: '0001-foundation',
  breaking: false,
  statements: [
    'create table clock (id integer primary key check (id = 1), seen_at bigint not null)',
    'insert into clock (id, seen_at) values (1, 0)',

    `create table accounts (
      id text primary key,
      platform_id text not null unique,
      username text not null,
      policy text,
      created_at bigint not null
    )`,

    `create table lanes (
      account_id text primary key,
      due_at bigint,
      owner text,
      lease_until_wall bigint,
      fence bigint not null,
      next_ord bigint not null,
      check_at bigint
    )`,
    'create index lanes_due on lanes (due_at) where due_at is not null',

    `create table pauses (
      account_id text not null,
      kind text not null,
      until bigint not null,
      reason text not null,
      level integer not null,
      since bigint not null,
      primary key (account_id, kind)
    )`,

    `create table usage (
      subject text not null,
      kind text not null,
      no bigint not null,
      at bigint not null,
      ref text,
      primary key (subject, kind, no)
    )`,

    `create table sessions (
      id text primary key,
      user_id text not null,
      account_id text not null,
      username text not null,
      connector text not null,
      status text not null,
      status_reason text,
      opened_through text not null,
      label text,
      settings text not null,
      metadata text not null,
      user_agent text,
      proxy text,
      jar text,
      jar_version bigint not null,
      connect_failures integer not null,
      retry_at bigint,
      challenge_url text,
      created_at bigint not null,
      last_activity_at bigint not null,
      expires_at bigint not null,
      expiring_told_at bigint,
      ended_at bigint
    )`,
    'create unique index sessions_live_account on sessions (account_id) where ended_at is null',
    'create index sessions_user on sessions (user_id, created_at, id)',
    'create index sessions_live_name on sessions (user_id, username) where ended_at is null',
    // Only sessions that can act run towards their expiry; the sweep repeats this condition word for word.
    "create index sessions_expiry on sessions (expires_at) where ended_at is null and status in ('active', 'proxy_error', 'unreachable')",
    'create index sessions_ended on sessions (ended_at) where ended_at is not null',

    `create table login_attempts (
      id text primary key,
      user_id text not null,
      connector text not null,
      username text not null,
      method text not null,
      obfuscated_contact text,
      attempts_left integer not null,
      state text not null,
      created_at bigint not null,
      expires_at bigint not null
    )`,
    'create index login_attempts_of on login_attempts (user_id, connector, username, created_at)',
    'create index login_attempts_expiry on login_attempts (expires_at)',

    `create table handoffs (
      token_hash text primary key,
      session_id text not null,
      expires_at bigint not null,
      used_at bigint
    )`,
    'create index handoffs_expiry on handoffs (expires_at)',

    `create table actions (
      id text primary key,
      user_id text not null,
      session_id text not null,
      account_id text not null,
      kind text not null,
      class integer not null,
      status text not null check (status in
        ('queued', 'running', 'succeeded', 'failed', 'unconfirmed', 'canceled', 'expired', 'skipped')),
      step text check (step in ('attempt', 'readback', 'resend')),
      due_at bigint not null,
      ord bigint not null,
      target text not null,
      payload text not null,
      resolved text,
      client_token text not null,
      on_limit text not null,
      send_at bigint,
      expires_at bigint,
      attempts integer not null,
      resends integer not null,
      failures integer not null,
      call_deadline_wall bigint,
      external_id text,
      code text,
      reason text,
      waiting_for text,
      batch_id text,
      accepted_at bigint not null,
      accepted_by text not null,
      settled_at bigint
    )`,
    "create index actions_queued on actions (account_id, kind, class, due_at, ord) where status = 'queued' and batch_id is null",
    "create index actions_running on actions (account_id, due_at) where status = 'running'",
    "create index actions_expiring on actions (account_id, expires_at) where status = 'queued' and expires_at is not null",
    "create index actions_rejecting on actions (account_id) where status = 'queued' and on_limit = 'reject'",
    'create index actions_session on actions (session_id, accepted_at, id)',

    `create table timeline (
      action_id text not null,
      no integer not null,
      at bigint not null,
      from_status text not null,
      to_status text not null,
      cause text not null,
      waiting_for text,
      primary key (action_id, no)
    )`,

    `create table conversations (
      user_id text not null,
      id text not null,
      account_id text not null,
      own_username text not null,
      other_username text not null,
      other_platform_id text,
      other_found_at bigint,
      thread_id text,
      last_message_id text,
      last_message_at bigint not null,
      unread integer not null,
      primary key (user_id, id)
    )`,
    'create index conversations_with on conversations (user_id, account_id, other_username)',
    'create index conversations_person on conversations (user_id, account_id, other_platform_id) where other_platform_id is not null',
    'create index conversations_recent on conversations (user_id, account_id, last_message_at)',
    'create unique index conversations_thread on conversations (user_id, account_id, thread_id) where thread_id is not null',

    `create table messages (
      id text primary key,
      user_id text not null,
      session_id text not null,
      account_id text not null,
      conversation_id text not null,
      action_id text,
      external_id text,
      sender_id text not null,
      sender_username text not null,
      recipient_id text not null,
      recipient_username text not null,
      content text not null,
      message_type text not null,
      media_url text,
      metadata text not null,
      direction text not null,
      status text not null,
      read_at bigint,
      hidden_at bigint,
      timestamp bigint not null
    )`,
    'create index messages_conversation on messages (user_id, conversation_id, timestamp, id)',
    'create unique index messages_external on messages (user_id, account_id, external_id) where external_id is not null',

    `create table events (
      user_id text not null,
      sequence bigint not null,
      id text not null unique,
      type text not null,
      at bigint not null,
      session_id text,
      username text,
      data text not null,
      primary key (user_id, sequence)
    )`,
    'create index events_at on events (at)',
    'create table event_sequences (user_id text primary key, last bigint not null)',

    `create table idempotency_keys (
      user_id text not null,
      key text not null,
      fingerprint text not null,
      status integer,
      body text,
      headers text,
      answer_by_wall bigint,
      claim text not null,
      action_id text,
      created_at bigint not null,
      primary key (user_id, key)
    )`,
    'create index idempotency_keys_age on idempotency_keys (created_at)',

    'create table revocations (sub text primary key, before_seconds bigint not null)',

    `create table audit (
      id text primary key,
      at bigint not null,
      actor text not null,
      what text not null,
      target text,
      details text
    )`,
    'create index audit_at on audit (at)',
  ],
}
