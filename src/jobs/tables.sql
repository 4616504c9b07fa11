-- The batches, and of each the units that are done. Times are seconds since 1970.
CREATE TABLE nianbao_batches (
    -- Sorts by the time of its coming.
    id TEXT PRIMARY KEY,
    -- What the upload was called, for people; and how it is read: zip, jsonl, …
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The edition that all are made in, if one was asked for.
    edition TEXT,
    -- SHA-256 of the upload, and the key that its sender gave it.
    digest TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    -- uploaded, running, completed, completed_with_failures, cancelled.
    state TEXT NOT NULL,
    -- How often it was begun: 1, and once more each time its failed units are tried again.
    round BIGINT NOT NULL,
    total BIGINT NOT NULL,
    made BIGINT NOT NULL,
    made_with_warnings BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When its round began.
    begun_at BIGINT NOT NULL,
    -- When a unit was last done.
    moved_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX nianbao_batches_state ON nianbao_batches (state);

CREATE TABLE nianbao_units (
    batch TEXT NOT NULL,
    number BIGINT NOT NULL,
    result TEXT NOT NULL,
    -- Where its result lies in the store.
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    -- The name of the unit, if its report could be read.
    unit TEXT,
    -- What was found first, if anything.
    message TEXT,
    PRIMARY KEY (batch, number)
);
