-- How long records of the trail are kept, what holds them, and what was dropped.

-- AlterTable
ALTER TABLE "event" ADD COLUMN "forgotten_by" INTEGER;

-- CreateTable
CREATE TABLE "event_forgetting" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "keep_class" TEXT,
    "rule" TEXT NOT NULL,
    "month" TEXT,
    "entries" INTEGER NOT NULL,

    CONSTRAINT "event_forgetting_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trail_hold" (
    "id" SERIAL NOT NULL,
    "reason" TEXT NOT NULL,
    "person" TEXT,
    "account_id" TEXT,
    "cluster_key" TEXT,
    "namespace" TEXT,
    "source_key" TEXT,
    "from" TIMESTAMPTZ(6),
    "to" TIMESTAMPTZ(6),
    "placed_by" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(6) NOT NULL,
    "until" TIMESTAMPTZ(6),
    "lifted_by" TEXT,
    "lifted_at" TIMESTAMPTZ(6),
    "lift_reason" TEXT,

    CONSTRAINT "trail_hold_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "event_forgetting_kind_keep_class_idx" ON "event_forgetting"("kind", "keep_class");

-- The same as keepClassOf of lib/domain/trail/retention.ts.
CREATE FUNCTION "event_keep_class"(source_key text, action text, verb_class text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN source_key = 'bursar' AND action ~ '^(retention|hold|pseudonym)\.' THEN 'proof'
    WHEN source_key = 'bursar' AND action LIKE 'session.%' THEN 'sign-in'
    WHEN source_key <> 'bursar' AND action ~ '^(signin\.amazonaws\.com:|sso\.amazonaws\.com:(Authenticate|Federate)$)' THEN 'sign-in'
    WHEN source_key = 'bursar' THEN 'bursar'
    ELSE verb_class END
$$;

-- How many events of each class a day still has, so that what has reached its end is found without reading events.
INSERT INTO "event_term_day" SELECT event_term_hash('keep=' || c), day, n FROM (
  SELECT event_keep_class(source_key, action, verb_class) AS c, event_day(occurred_at) AS day, count(*) AS n FROM "event" GROUP BY 1, 2) k;

-- What reaches its end in the trail, or gets a pseudonym there, does so in the log that it was copied from, in the same transaction.
CREATE OR REPLACE FUNCTION "refuse_change_of_activity"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'TRUNCATE' AND current_setting('bursar.trail_maintenance', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'The activity log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
