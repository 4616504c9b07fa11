-- Files for many units that have come for a collection and wait to be confirmed: one lot at a time. Nothing of
-- them counts before.
CREATE TABLE nianbao_arrivals (
    collection TEXT NOT NULL,
    -- Which lot: the next one takes its place.
    lot TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- What the file is called, with the row where it is a workbook's.
    name TEXT NOT NULL,
    -- last_report, plan; empty where it could not be read.
    kind TEXT NOT NULL,
    -- As JSON of the contract.
    document TEXT,
    -- The unit's name and the year that stand in it.
    issuer TEXT NOT NULL,
    year BIGINT,
    -- Why it could not be read, or what is to be known of it.
    remark TEXT NOT NULL,
    -- The unit that it is probably for, and whether its name is that unit's own.
    unit TEXT,
    is_sure BIGINT NOT NULL,
    PRIMARY KEY (collection, number)
);
