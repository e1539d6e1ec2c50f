-- What was added lies in the order in which it came: what a term has on a month of days is on as many pages as it has rows. Rows of finished blocks are moved, in the order of terms, into a
-- part of their own, where they lie beside each other, and where how many there are is known from the key's index alone.
ALTER TABLE "event_term_day" RENAME TO "event_term_day_recent";
ALTER TABLE "event_term_day_recent" RENAME CONSTRAINT "event_term_day_pkey" TO "event_term_day_recent_pkey";
ALTER TABLE "event_term_day_recent" ADD COLUMN "settled" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "event_term_day" (
    "term" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "block" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "places" BYTEA NOT NULL,
    "piece" SMALLINT NOT NULL DEFAULT 0,
    "settled" BOOLEAN NOT NULL DEFAULT false
) PARTITION BY LIST ("settled");
ALTER TABLE "event_term_day" ALTER COLUMN "places" SET STORAGE EXTERNAL;
ALTER TABLE "event_term_day" ATTACH PARTITION "event_term_day_recent" FOR VALUES IN (false);
-- The key of the part whose rows change with each batch has no count in it: each change would be a new entry of the index.
CREATE TABLE "event_term_day_settled" PARTITION OF "event_term_day" (
    CONSTRAINT "event_term_day_settled_pkey" PRIMARY KEY ("term", "day", "block", "piece") INCLUDE ("count")
) FOR VALUES IN (true) WITH (toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000);

-- AlterTable
ALTER TABLE "event_term_state" ADD COLUMN "settled_block" INTEGER NOT NULL DEFAULT 0;
