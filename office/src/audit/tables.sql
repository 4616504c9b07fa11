-- The record: what was done, each entry chained to the one before by its hash. Times are seconds since 1970.
-- Nothing here is ever changed or deleted, and nothing points to another room's tables: whoever is named stays
-- named, whatever becomes of the account.
CREATE TABLE nianbao_record (
    -- 1, 2, 3, …: the order in which things were done, without a gap.
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Who, as people read it; the id of the account, if it was one; for whom; from which address.
    doer TEXT NOT NULL,
    account TEXT,
    on_behalf TEXT,
    origin TEXT NOT NULL,
    -- The code of the act, what it was done to, and what else is to be said.
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- The hash of the entry before, and of this one. Nothing follows the same entry twice.
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL
);

CREATE INDEX nianbao_record_account ON nianbao_record (account, number);
CREATE INDEX nianbao_record_act ON nianbao_record (act, number);

-- The newest entry. This one row is changed first by whoever adds an entry, so that all wait for each other.
CREATE TABLE nianbao_record_head (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);

INSERT INTO nianbao_record_head (id, number, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
