-- Sign-ins that were stored before the column "mfa" came have none. SQL cannot read their records, which are packed: lib/services/trail/fill-mfa.ts does.
-- CreateTable
CREATE TABLE "event_fill" (
    "field" TEXT NOT NULL,
    "below" BIGINT NOT NULL,

    CONSTRAINT "event_fill_pkey" PRIMARY KEY ("field")
);

INSERT INTO "event_fill" SELECT 'mfa', "seq" + 1 FROM "event" ORDER BY "seq" DESC LIMIT 1;
