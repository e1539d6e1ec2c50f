-- Which events have a term, instead of how many: a list of places that is read and met with others, in the place of an index of every event's keys.
-- CreateTable
CREATE TABLE "event_term_place" (
    "term" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "block" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "places" BYTEA NOT NULL
);

-- As lib/services/trail/index-terms.ts has it: what was dropped is found by time alone.
INSERT INTO "event_term_place" SELECT event_term_hash(t), event_day(e.occurred_at), (e.seq / 16384)::integer, count(*),
  string_agg(int2send((e.seq % 16384)::smallint), ''::bytea ORDER BY e.seq)
FROM "event" e, unnest(CASE WHEN e.body IS NULL AND e.actor = '' THEN '{*}'
  ELSE event_terms(e) || ('keep=' || event_keep_class(e.source_key, e.action, e.verb_class)) END) AS t GROUP BY 1, 2, 3;

-- DropTable
DROP TABLE "event_term_day";
ALTER TABLE "event_term_place" RENAME TO "event_term_day";
ALTER TABLE "event_term_day" ADD CONSTRAINT "event_term_day_pkey" PRIMARY KEY ("term","day","block");
-- Two bytes are packed as they are: unpacking them for every search would cost more than it saves.
ALTER TABLE "event_term_day" ALTER COLUMN "places" SET STORAGE EXTERNAL;
-- A batch adds to the terms of its day again and again; the new version of a row has room beside the old one.
ALTER TABLE "event_term_day" SET (fillfactor = 85);

-- DropIndex
DROP INDEX "event_terms_idx";

-- AlterTable
ALTER TABLE "event" DROP COLUMN "terms";

DROP FUNCTION "event_term_key"(bigint, integer);
