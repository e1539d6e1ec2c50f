-- Keys are random, and instants are not: in this order what arrives together stands together, so that adding to the index and looking into it stay within few pages.
-- DropIndex
DROP INDEX "event_source_key_event_key_occurred_at_key";

-- CreateIndex
CREATE UNIQUE INDEX "event_source_key_occurred_at_event_key_key" ON "event"("source_key", "occurred_at", "event_key");
