-- CreateTable
CREATE TABLE "change_ticket" (
    "source_key" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "seq" BIGINT NOT NULL,
    "person" TEXT,
    "planned_from" TIMESTAMPTZ(3),
    "planned_to" TIMESTAMPTZ(3),
    "is_approved" BOOLEAN NOT NULL,

    CONSTRAINT "change_ticket_pkey" PRIMARY KEY ("source_key","number","updated_at")
);

-- CreateIndex
CREATE INDEX "change_ticket_person_planned_from_idx" ON "change_ticket"("person", "planned_from");
