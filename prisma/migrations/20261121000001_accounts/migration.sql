-- AlterTable
ALTER TABLE "publication" ADD COLUMN     "accounts" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "billing_accounts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "source_rank" (
    "source_key" TEXT NOT NULL,
    "from_at" TIMESTAMPTZ(6) NOT NULL,
    "rank" INTEGER NOT NULL,

    CONSTRAINT "source_rank_pkey" PRIMARY KEY ("source_key","from_at")
);

-- CreateTable
CREATE TABLE "cloud_account" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "mail" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "joined_at" TIMESTAMPTZ(6),
    "joined_method" TEXT,
    "unit_id" TEXT NOT NULL,
    "tags" JSONB,
    "is_management" BOOLEAN NOT NULL,
    "delegated_services" JSONB,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "cloud_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization_unit" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "unit_id" TEXT NOT NULL,
    "parent_id" TEXT,
    "name" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "tags" JSONB,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "organization_unit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ownership_claim" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_key" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "names_kind" TEXT NOT NULL,
    "names_value" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "held_from" TIMESTAMPTZ(6),
    "held_to" TIMESTAMPTZ(6),
    "inherited" BOOLEAN NOT NULL DEFAULT false,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "ownership_claim_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "cloud_account_source_key_account_id_idx" ON "cloud_account"("source_key", "account_id");

-- CreateIndex
CREATE INDEX "organization_unit_source_key_unit_id_idx" ON "organization_unit"("source_key", "unit_id");

-- CreateIndex
CREATE INDEX "ownership_claim_subject_kind_subject_key_idx" ON "ownership_claim"("subject_kind", "subject_key");

-- CreateIndex
CREATE INDEX "ownership_claim_source_key_idx" ON "ownership_claim"("source_key");

