-- What was answered to requests that bear a key of their sender's. Times are seconds since 1970.
CREATE TABLE nianbao_answers (
    -- Who sent it: an account, or who came by a unit's entrance.
    who TEXT NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of what was asked.
    digest TEXT NOT NULL,
    -- 0 while it is being done.
    status BIGINT NOT NULL,
    -- Where what was made is; empty for nowhere.
    location TEXT NOT NULL,
    -- None of an answer that is given once.
    body TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (who, key)
);

CREATE INDEX nianbao_answers_at ON nianbao_answers (at);
