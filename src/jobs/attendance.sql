-- Of a batch that was held against a roster: how many of its reports are of units that came before, and how many of
-- units that nobody expected.
ALTER TABLE nianbao_batches ADD COLUMN repeated BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nianbao_batches ADD COLUMN unlisted BIGINT NOT NULL DEFAULT 0;
