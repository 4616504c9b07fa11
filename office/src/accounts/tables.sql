-- Who may come in, and how. Times are seconds since 1970. Of every secret only its SHA-256 stands here, of
-- passwords their argon2id.

-- One row. Whatever changes who may administer the service changes it first, so that of two who do so at once
-- the second sees what the first did.
CREATE TABLE nianbao_account_order (
    id BIGINT PRIMARY KEY,
    changes BIGINT NOT NULL
);

INSERT INTO nianbao_account_order (id, changes) VALUES (1, 0);

CREATE TABLE nianbao_accounts (
    -- Sorts by the time of its making.
    id TEXT PRIMARY KEY,
    -- What is typed to log in, in its one form; and the name that people see.
    login_name TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- administrator, reviewer, writer, signer, observer.
    role TEXT NOT NULL,
    is_disabled BIGINT NOT NULL,
    -- argon2id; none until one is set.
    password TEXT,
    made_at BIGINT NOT NULL
);

-- The units of those whose role is for units.
CREATE TABLE nianbao_account_units (
    account TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (account, unit)
);

-- The way in of a unit for a collection: one row each, whose secrets are replaced in place.
CREATE TABLE nianbao_entrances (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    -- Another with every replacement: sessions of the one before belong to nothing then.
    id TEXT NOT NULL UNIQUE,
    link_digest TEXT NOT NULL UNIQUE,
    -- Of link and code together.
    code_digest TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    is_revoked BIGINT NOT NULL,
    PRIMARY KEY (collection, unit)
);

CREATE TABLE nianbao_sessions (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    -- Whose it is: an account's, or that of somebody who came in by a unit's entrance and said this name.
    account TEXT,
    entrance TEXT,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    -- When it was last used, and how many seconds it then had left in all. Counted so, a clock that is set
    -- back neither lengthens nor ends it.
    used_at BIGINT NOT NULL,
    seconds_left BIGINT NOT NULL
);

CREATE INDEX nianbao_sessions_account ON nianbao_sessions (account);
CREATE INDEX nianbao_sessions_used_at ON nianbao_sessions (used_at);

-- Links of one use.
CREATE TABLE nianbao_links (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    -- first_administrator, invitation, password_reset.
    purpose TEXT NOT NULL,
    -- open, used, replaced, revoked.
    state TEXT NOT NULL,
    -- Of a reset: whose password.
    account TEXT,
    -- Of an invitation: as whom somebody is invited; the units are a JSON array.
    name TEXT NOT NULL,
    role TEXT,
    units TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX nianbao_links_state ON nianbao_links (state);

-- What programs of an account log in with.
CREATE TABLE nianbao_tokens (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    used_at BIGINT,
    is_revoked BIGINT NOT NULL
);

CREATE INDEX nianbao_tokens_account ON nianbao_tokens (account);

-- Wrong guesses of late. What was guessed at, and from where, is hashed.
CREATE TABLE nianbao_guesses (
    subject TEXT PRIMARY KEY,
    wrong BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- Until when nothing more is tried.
    until_at BIGINT NOT NULL
);
