-- Which events have a term, instead of how many: a list of places that is read and met with others, in the place of an index of every event's keys.
-- CreateTable
CREATE TABLE "event_term_place" (
    "term" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "block" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "places" BYTEA NOT NULL
);

-- As lib/domain/trail/event-terms.ts has it: words, and now also the names that have several of them.
CREATE FUNCTION "event_names"(text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(DISTINCT left(n[1], 500)), '{}')
  FROM regexp_matches(lower($1), '[a-z0-9_\u0080-\uffff]+(?:[.-]+[a-z0-9_\u0080-\uffff]+)+', 'g') AS n
$$;
CREATE OR REPLACE FUNCTION "event_terms"(e "event") RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_remove(ARRAY['*', 'actor=' || e.actor, 'action=' || e.action, 'class=' || e.verb_class, 'outcome=' || e.outcome,
    'resource=' || e.resource, 'account=' || e.account_id, 'cluster=' || e.cluster_key, 'namespace=' || e.namespace,
    'source=' || e.source_key, 'person=' || e.person, 'mfa=' || e.mfa], NULL)
    || event_words(concat_ws(' ', e.action, e.resource, e.actor, e.person, e.namespace, e.account_id))
    || event_names(concat_ws(' ', e.action, e.resource, e.actor, e.person, e.namespace, e.account_id))
$$;
INSERT INTO "event_word" SELECT DISTINCT n FROM "event" e, unnest(event_names(concat_ws(' ', e.action, e.resource, e.actor, e.person, e.namespace, e.account_id))) AS n
  WHERE e.body IS NOT NULL OR e.actor <> '' ON CONFLICT DO NOTHING;

-- As lib/services/trail/index-terms.ts has it: what was dropped is found by time alone.
INSERT INTO "event_term_place" SELECT event_term_hash(t), event_day(e.occurred_at), (e.seq / 16384)::integer, count(*),
  string_agg(int2send((e.seq % 16384)::smallint), ''::bytea ORDER BY e.seq)
FROM "event" e, unnest(CASE WHEN e.body IS NULL AND e.actor = '' THEN '{*}'
  ELSE event_terms(e) || ('keep=' || event_keep_class(e.source_key, e.action, e.verb_class)) END) AS t GROUP BY 1, 2, 3;

-- DropTable
DROP TABLE "event_term_day";
ALTER TABLE "event_term_place" RENAME TO "event_term_day";
ALTER TABLE "event_term_day" ADD CONSTRAINT "event_term_day_pkey" PRIMARY KEY ("term","day","block");
-- Places are as short as they get: unpacking them for every search would cost more than it saves.
ALTER TABLE "event_term_day" ALTER COLUMN "places" SET STORAGE EXTERNAL;
-- A batch adds to the terms of its day again and again; the new version of a row has room beside the old one. Places stay in their row as long as a page has room.
ALTER TABLE "event_term_day" SET (fillfactor = 85, toast_tuple_target = 8160);

-- DropIndex
DROP INDEX "event_terms_idx";

-- AlterTable
ALTER TABLE "event" DROP COLUMN "terms";

DROP FUNCTION "event_term_key"(bigint, integer);

-- The beginning of a word is found by the index of the key, which only the order of bytes allows.
ALTER TABLE "event_word" ALTER COLUMN "word" TYPE TEXT COLLATE "C";
