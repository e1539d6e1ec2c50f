-- CreateTable
CREATE TABLE "event_term_state" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" BIGINT NOT NULL DEFAULT 0,
    "open_block" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "event_term_state_pkey" PRIMARY KEY ("id")
);

-- Nothing is added to blocks before the last one.
INSERT INTO "event_term_state" ("open_block") SELECT coalesce(max("block"), 0) FROM "event_term_day";
ALTER TABLE "event_term_state" ADD CONSTRAINT "event_term_state_has_one_row" CHECK ("id" = 1);
