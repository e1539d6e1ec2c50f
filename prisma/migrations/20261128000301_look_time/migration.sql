-- The newest look at anything is asked for by every page of compliance.

-- CreateIndex
CREATE INDEX "evaluation_look_at_idx" ON "evaluation_look"("at");
