-- What units are writing, each draft with all that was ever saved of it. Trees are JSON; times are seconds
-- since 1970.
CREATE TABLE nianbao_drafts (
    collection TEXT NOT NULL,
    -- The unit's code in the roster.
    unit TEXT NOT NULL,
    -- The last, and the tree as it is then.
    revision BIGINT NOT NULL,
    tree TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (collection, unit)
);

-- Each change of a draft. Never changed, never deleted.
CREATE TABLE nianbao_draft_revisions (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- 1 and on, without a gap.
    revision BIGINT NOT NULL,
    -- from-nothing, from-last-year, from-import, save, restoration, choice.
    kind TEXT NOT NULL,
    writer TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- The revision from which its writer had written on.
    base BIGINT NOT NULL,
    -- The fields it changed, in words, as a list of JSON: the first ones; and how many there are.
    fields TEXT NOT NULL,
    field_count BIGINT NOT NULL,
    -- Characters.
    added BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    -- What turns this revision's tree into that of the one before.
    step TEXT NOT NULL,
    -- This revision's tree, now and then, so that no way back is long.
    whole TEXT,
    PRIMARY KEY (collection, unit, revision)
);

-- What was answered to each save, by the key that its sender gave it.
CREATE TABLE nianbao_draft_saves (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of what was sent.
    digest TEXT NOT NULL,
    revision BIGINT NOT NULL,
    -- The ids of its conflicts, as a list of JSON.
    conflicts TEXT NOT NULL,
    PRIMARY KEY (collection, unit, key)
);

-- Who has just saved something.
CREATE TABLE nianbao_draft_writers (
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (collection, unit, name)
);

-- What two wrote differently. Both texts stay here when somebody has chosen.
CREATE TABLE nianbao_draft_conflicts (
    id TEXT PRIMARY KEY,
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- The revision in whose tree the path leads to it.
    revision BIGINT NOT NULL,
    -- These four as JSON.
    path TEXT NOT NULL,
    base TEXT NOT NULL,
    mine TEXT NOT NULL,
    theirs TEXT NOT NULL,
    -- Who wrote mine, and who saved since the base, as a list of JSON.
    writer TEXT NOT NULL,
    others TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- mine, theirs or another, once somebody has chosen.
    choice TEXT,
    chosen_by TEXT,
    chosen_at BIGINT
);

CREATE INDEX nianbao_draft_conflicts_draft ON nianbao_draft_conflicts (collection, unit);
