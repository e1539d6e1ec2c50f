-- What each event can be found by: a key for every term and day, in one inverted index, instead of an index a column.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateTable
CREATE TABLE "event_word" (
    "word" TEXT NOT NULL,

    CONSTRAINT "event_word_pkey" PRIMARY KEY ("word")
);

-- CreateTable
CREATE TABLE "event_term_day" (
    "term" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "event_term_day_pkey" PRIMARY KEY ("term","day")
);

-- CreateIndex
CREATE INDEX "event_word_word_idx" ON "event_word" USING GIN ("word" gin_trgm_ops);

-- AlterTable
ALTER TABLE "event" ADD COLUMN "terms" INTEGER[];

-- The same as lib/domain/trail/event-terms.ts computes for new events; here for those that were there, and for measurements.
CREATE FUNCTION "event_words"(text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(DISTINCT left(w, 500)), '{}') FROM regexp_split_to_table(lower($1), '[^a-z0-9_\u0080-\uffff]+') AS w WHERE w <> ''
$$;
CREATE FUNCTION "event_term_hash"(text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT ('x' || encode(substr(sha256(convert_to($1, 'UTF8')), 1, 6), 'hex'))::bit(48)::bigint
$$;
CREATE FUNCTION "event_day"(timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(extract(epoch FROM $1) / 86400)::integer
$$;
CREATE FUNCTION "event_term_key"(bigint, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT (((($1 & 4294967295) # ($2::bigint * 2654435761 & 4294967295)) # 2147483648) - 2147483648)::integer
$$;
CREATE FUNCTION "event_terms"(e "event") RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_remove(ARRAY['*', 'actor=' || e.actor, 'action=' || e.action, 'class=' || e.verb_class, 'outcome=' || e.outcome,
    'resource=' || e.resource, 'account=' || e.account_id, 'cluster=' || e.cluster_key, 'namespace=' || e.namespace,
    'source=' || e.source_key, 'person=' || e.person], NULL)
    || event_words(concat_ws(' ', e.action, e.resource, e.actor, e.person, e.namespace, e.account_id))
$$;

-- What is there already becomes searchable as what comes will be.
SELECT set_config('bursar.trail_maintenance', 'on', false);
UPDATE "event" e SET "terms" = ARRAY(
  SELECT event_term_key(event_term_hash(t), event_day(e.occurred_at)) FROM unnest(event_terms(e)) AS t WHERE t <> '*');
SELECT set_config('bursar.trail_maintenance', '', false);
INSERT INTO "event_word" SELECT DISTINCT w FROM "event" e, unnest(event_terms(e)) AS w WHERE w !~ '[=*]';
INSERT INTO "event_term_day" SELECT event_term_hash(t), event_day(e.occurred_at), count(*) FROM "event" e, unnest(event_terms(e)) AS t GROUP BY 1, 2;

-- DropIndex
DROP INDEX "event_actor_occurred_at_idx";

-- DropIndex
DROP INDEX "event_action_occurred_at_idx";

-- DropIndex
DROP INDEX "event_resource_occurred_at_idx";

-- CreateIndex
CREATE INDEX "event_terms_idx" ON "event" USING GIN ("terms");
