-- What is to go out of the house, and to whom. Times are seconds since 1970.

CREATE TABLE nianbao_outbox (
    -- Sorts by the time of its making.
    id TEXT PRIMARY KEY,
    -- What it is for, so that it is made once, whoever makes it.
    purpose TEXT NOT NULL UNIQUE,
    -- mail, entrance, webhook.
    kind TEXT NOT NULL,
    collection TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- An address of mail, or the id of a webhook.
    recipient TEXT NOT NULL,
    -- Of a webhook the name of the event.
    subject TEXT NOT NULL,
    -- Text, or JSON. Nothing secret: of an entrance it is made when it is sent.
    body TEXT NOT NULL,
    -- waiting, sent, given_up, withdrawn.
    state TEXT NOT NULL,
    -- How often it was tried, and until when nobody tries it: it was tried in vain, or somebody has it in hand.
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    fault TEXT NOT NULL DEFAULT '',
    made_at BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    done_at BIGINT
);

CREATE INDEX nianbao_outbox_due ON nianbao_outbox (state, kind, next_at);
CREATE INDEX nianbao_outbox_collection ON nianbao_outbox (collection, id);

-- Up to which event of a collection all that is to be told of it is in the outbox.
CREATE TABLE nianbao_outbox_seen (
    collection TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);

-- Other programs that want to be told.
CREATE TABLE nianbao_webhooks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    -- With which both reckon the signature, so it is kept as it is.
    secret TEXT NOT NULL,
    -- The acts that it is told, as a JSON list.
    events TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- 0 or 1.
    is_off BIGINT NOT NULL
);
