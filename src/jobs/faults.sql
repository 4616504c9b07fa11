-- Why the program ended a batch, for people; how often its archive was made again in this round, and
-- what tells that archive from any other file.
ALTER TABLE nianbao_batches ADD COLUMN reason TEXT;
ALTER TABLE nianbao_batches ADD COLUMN remade BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nianbao_batches ADD COLUMN archive_bytes BIGINT;
ALTER TABLE nianbao_batches ADD COLUMN archive_crc32 BIGINT;

-- Who sends a cancelled batch again wants it made.
UPDATE nianbao_batches SET idempotency_key = NULL WHERE state = 'cancelled';
