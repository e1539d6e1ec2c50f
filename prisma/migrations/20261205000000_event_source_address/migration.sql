-- Whoever looks for an address looks through all of the log, and most addresses are rare.
-- CreateIndex
CREATE INDEX "event_source_address_idx" ON "event"("source_address");
