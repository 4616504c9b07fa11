-- Of a batch of a collection: with which settings its reports are checked and whose are missing, as JSON, and how
-- many these are.
ALTER TABLE nianbao_batches ADD COLUMN expectation TEXT;
ALTER TABLE nianbao_batches ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;
