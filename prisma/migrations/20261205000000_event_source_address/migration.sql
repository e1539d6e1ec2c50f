-- Whoever looks for an address looks through all of the log, and most addresses are rare.
-- CreateIndex
CREATE INDEX "event_source_address_occurred_at_seq_idx" ON "event"("source_address", "occurred_at", "seq");
