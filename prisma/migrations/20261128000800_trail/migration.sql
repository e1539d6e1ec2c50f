-- Events of all trails in order of arrival, the Merkle tree over them, and what was published of it.
-- Partitions of "event" are made as events come, a month each; schema.prisma cannot say that it has them.

-- CreateTable
CREATE TABLE "event" (
    "seq" BIGINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "source_key" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "person" TEXT,
    "team_key" TEXT,
    "action" TEXT NOT NULL,
    "verb_class" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "account_id" TEXT,
    "cluster_key" TEXT,
    "namespace" TEXT,
    "region" TEXT,
    "outcome" TEXT NOT NULL,
    "source_address" TEXT,
    "body" BYTEA,
    "salt" BYTEA,
    "commitments" JSONB,

    CONSTRAINT "event_pkey" PRIMARY KEY ("seq","occurred_at")
) PARTITION BY RANGE ("occurred_at");

-- CreateTable
CREATE TABLE "merkle_tile" (
    "level" INTEGER NOT NULL,
    "index" BIGINT NOT NULL,
    "hashes" BYTEA NOT NULL,

    CONSTRAINT "merkle_tile_pkey" PRIMARY KEY ("level","index")
);

-- CreateTable
CREATE TABLE "tree_head" (
    "size" BIGINT NOT NULL,
    "root" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "key_id" TEXT NOT NULL,
    "signature" TEXT NOT NULL,

    CONSTRAINT "tree_head_pkey" PRIMARY KEY ("size")
);

-- CreateIndex
CREATE INDEX "event_occurred_at_seq_idx" ON "event"("occurred_at", "seq");

-- CreateIndex
CREATE INDEX "event_actor_occurred_at_idx" ON "event"("actor", "occurred_at");

-- CreateIndex
CREATE INDEX "event_action_occurred_at_idx" ON "event"("action", "occurred_at");

-- CreateIndex
CREATE INDEX "event_resource_occurred_at_idx" ON "event"("resource", "occurred_at");

-- CreateIndex
CREATE UNIQUE INDEX "event_source_key_event_key_occurred_at_key" ON "event"("source_key", "event_key", "occurred_at");

-- A trail only grows, whoever is connected: what retention and pseudonyms change goes through the function that owns the setting.
CREATE FUNCTION "refuse_change_of_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('bursar.trail_maintenance', true) = 'on' THEN RETURN COALESCE(NEW, OLD); END IF;
  RAISE EXCEPTION 'The trail only grows.' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER "event_is_append_only" BEFORE UPDATE OR DELETE ON "event" FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_event"();
CREATE TRIGGER "event_is_not_truncated" BEFORE TRUNCATE ON "event" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_event"();
