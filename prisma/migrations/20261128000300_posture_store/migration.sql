-- The numbers of compliance by grain, so that a page reads a few thousand rows however many evaluations there are.

-- Nothing has written these three yet: they are made anew, with their columns in the order in which they are read.
DROP TABLE "posture_cell", "posture_change", "posture_month";

-- CreateTable
CREATE TABLE "posture_rule" (
    "id" SERIAL NOT NULL,
    "rule_key" TEXT NOT NULL,

    CONSTRAINT "posture_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_cell" (
    "id" SERIAL NOT NULL,
    "grain" TEXT NOT NULL,
    "rule_id" INTEGER NOT NULL,
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "team_key" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "environment" TEXT NOT NULL,

    CONSTRAINT "posture_cell_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_change" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "grain" TEXT NOT NULL,
    "rule_id" INTEGER NOT NULL,
    "cell_id" INTEGER NOT NULL,
    "pass" INTEGER NOT NULL,
    "fail" INTEGER NOT NULL,
    "unknown" INTEGER NOT NULL,
    "not_applicable" INTEGER NOT NULL,

    CONSTRAINT "posture_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_month" (
    "starts_at" TIMESTAMPTZ(6) NOT NULL,
    "grain" TEXT NOT NULL,
    "rule_id" INTEGER NOT NULL,
    "cell_id" INTEGER NOT NULL,
    "pass" INTEGER NOT NULL,
    "fail" INTEGER NOT NULL,
    "unknown" INTEGER NOT NULL,
    "not_applicable" INTEGER NOT NULL,

    CONSTRAINT "posture_month_pkey" PRIMARY KEY ("starts_at","grain","rule_id","cell_id")
);

-- CreateTable
CREATE TABLE "evaluation_part" (
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,
    "good_until" TIMESTAMPTZ(6) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "evaluation_part_pkey" PRIMARY KEY ("source_key","part")
);

-- CreateTable
CREATE TABLE "evaluation_gap" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "gap_from" TIMESTAMPTZ(6) NOT NULL,
    "gap_to" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "evaluation_gap_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "evaluation"
    ADD COLUMN "held_from" TIMESTAMPTZ(6) NOT NULL,
    ADD COLUMN "is_first" BOOLEAN NOT NULL;

-- CreateIndex
CREATE INDEX "evaluation_gap_source_key_part_idx" ON "evaluation_gap"("source_key", "part");

-- CreateIndex
CREATE UNIQUE INDEX "posture_rule_rule_key_key" ON "posture_rule"("rule_key");

-- CreateIndex
CREATE INDEX "posture_cell_source_key_part_idx" ON "posture_cell"("source_key", "part");

-- CreateIndex
CREATE UNIQUE INDEX "posture_cell_key" ON "posture_cell"("grain", "rule_id", "source_key", "part", "team_key", "account_id", "cluster_key", "environment");

-- CreateIndex
CREATE INDEX "posture_change_at_idx" ON "posture_change"("at");

-- CreateIndex
CREATE INDEX "posture_change_numbers_idx" ON "posture_change"("grain", "rule_id", "at");

-- What schema.prisma cannot say.

-- Whom an accepted risk or a due date is about is looked up among the failures, which are few.
CREATE INDEX "evaluation_failed_idx" ON "evaluation" ("cell_id", "resource_id") WHERE "verdict" = 'fail';
