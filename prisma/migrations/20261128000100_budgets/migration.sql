-- What a team means to spend a month in a currency, from a month on.
CREATE TABLE "budget" (
    "id" SERIAL NOT NULL,
    "team_key" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount" DECIMAL(38,12),
    "valid_from" DATE NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(6),

    CONSTRAINT "budget_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "budget_team_key_idx" ON "budget"("team_key");
