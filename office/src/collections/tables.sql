-- The roster and the collections. Times are seconds since 1970, days are as 2025-02-28.

-- One row: whoever changes the roster waits for it, and its number tells that something changed.
CREATE TABLE nianbao_roster_head (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL
);

INSERT INTO nianbao_roster_head VALUES (1, 0);

CREATE TABLE nianbao_roster (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Since when it is called so, and what it was called before the last change.
    named_at BIGINT NOT NULL,
    was TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    superior TEXT,
    contact TEXT NOT NULL,
    phone TEXT NOT NULL,
    mail TEXT NOT NULL,
    -- The unit that it became part of: never one that was merged itself.
    merged_into TEXT,
    disabled_at BIGINT
);

CREATE INDEX nianbao_roster_merged ON nianbao_roster (merged_into);

-- What units were called before.
CREATE TABLE nianbao_roster_names (
    unit TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (unit, number)
);

CREATE TABLE nianbao_collections (
    -- Sorts by the time of its making.
    id TEXT PRIMARY KEY,
    year BIGINT NOT NULL,
    title TEXT NOT NULL,
    template TEXT NOT NULL,
    -- The checks' settings, as JSON.
    settings TEXT NOT NULL,
    edition TEXT NOT NULL,
    instructions TEXT NOT NULL,
    -- 0 or 1.
    needs_sign_off BIGINT NOT NULL,
    opens_at BIGINT,
    due_on TEXT NOT NULL,
    closes_at BIGINT,
    -- planned, open, closed.
    state TEXT NOT NULL,
    opened_at BIGINT,
    closed_at BIGINT,
    close_reason TEXT NOT NULL DEFAULT '',
    -- The one that it was begun from.
    previous TEXT,
    -- The number of its last event. Whoever makes one waits for this row, so numbers come in order.
    events BIGINT NOT NULL,
    -- Counts its changes, for whoever changes what he has read.
    revision BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);

-- The units that are asked, and what each is given along: last year's report and this year's plan, as JSON of
-- the contract, with where they come from.
CREATE TABLE nianbao_collection_units (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    last_report TEXT,
    last_report_from TEXT,
    plan TEXT,
    plan_from TEXT,
    PRIMARY KEY (collection, unit)
);

CREATE TABLE nianbao_submissions (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The state before this one; its row alone knows it while it changes.
    was TEXT NOT NULL DEFAULT '',
    -- Since when it is in this state, and why.
    since BIGINT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    -- The parts that were returned, as a JSON list of paths; an empty one for the whole.
    parts TEXT NOT NULL DEFAULT '[]',
    -- The number of its newest version, and of the one that was accepted; 0 for none.
    last_version BIGINT NOT NULL DEFAULT 0,
    accepted_version BIGINT NOT NULL DEFAULT 0,
    extended_to TEXT,
    extension_reason TEXT NOT NULL DEFAULT '',
    -- Of its newest version, and how many comments nobody has attended to: kept here for the board, which shows
    -- many submissions at once.
    errors BIGINT NOT NULL DEFAULT 0,
    warnings BIGINT NOT NULL DEFAULT 0,
    notes BIGINT NOT NULL DEFAULT 0,
    characters BIGINT NOT NULL DEFAULT 0,
    comments BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (collection, unit)
);

-- Nothing is ever changed in it.
CREATE TABLE nianbao_versions (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- The version before, on which it was written.
    base BIGINT NOT NULL,
    -- SHA-256 of the input.
    digest TEXT NOT NULL,
    way TEXT NOT NULL,
    errors BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    notes BIGINT NOT NULL,
    characters BIGINT NOT NULL,
    -- Why warnings stand.
    warning_reason TEXT NOT NULL,
    -- Where its files lie in the store, and their SHA-256.
    public_place TEXT,
    public_sha256 TEXT,
    formal_place TEXT,
    formal_sha256 TEXT,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    by_account TEXT,
    on_behalf TEXT,
    -- JSON: what was found, the account of the import, the report itself. Long, and so behind the others.
    findings TEXT NOT NULL,
    import TEXT,
    input TEXT NOT NULL,
    PRIMARY KEY (collection, unit, number),
    UNIQUE (collection, unit, base, digest)
);

CREATE TABLE nianbao_sign_offs (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    by_account TEXT,
    on_behalf TEXT,
    PRIMARY KEY (collection, unit, version)
);

-- What happened in a collection. Nothing is ever changed in it.
CREATE TABLE nianbao_moves (
    collection TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- Empty for the collection's own.
    unit TEXT NOT NULL,
    -- A code of the record: submitted, returned, commented, …
    act TEXT NOT NULL,
    -- States, where they changed.
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    -- The version that it is about; 0 for none.
    version BIGINT NOT NULL,
    -- The comment that it is about; 0 for none.
    comment BIGINT NOT NULL,
    reason TEXT NOT NULL,
    parts TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    by_account TEXT,
    on_behalf TEXT,
    PRIMARY KEY (collection, number)
);

CREATE INDEX nianbao_moves_unit ON nianbao_moves (collection, unit, number);

CREATE TABLE nianbao_comments (
    collection TEXT NOT NULL,
    -- The number of the event that brought it.
    number BIGINT NOT NULL,
    unit TEXT NOT NULL,
    version BIGINT NOT NULL,
    path TEXT NOT NULL,
    -- The comment that it answers; 0 for none.
    answers BIGINT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    by_account TEXT,
    on_behalf TEXT,
    resolved_at BIGINT,
    resolved_by TEXT,
    PRIMARY KEY (collection, number)
);

CREATE INDEX nianbao_comments_unit ON nianbao_comments (collection, unit, number);

-- The reminders that were sent: one of each kind for a due day.
CREATE TABLE nianbao_reminders (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    due_on TEXT NOT NULL,
    -- Days behind the due day: -14, -3, 0, 1.
    days BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    way TEXT NOT NULL,
    PRIMARY KEY (collection, unit, due_on, days)
);
