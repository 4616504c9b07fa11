-- Whom another service knows: by whose word, under which of its names, an account comes in.
CREATE TABLE nianbao_identities (
    id TEXT PRIMARY KEY,
    -- As OpenID Connect calls them: whose word it is, and whom it means; no e-mail, no name.
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    since BIGINT NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (account, issuer)
);

-- Answers of such services that have been used, for each is good once.
CREATE TABLE nianbao_identity_uses (
    digest TEXT PRIMARY KEY,
    used_at BIGINT NOT NULL
);
