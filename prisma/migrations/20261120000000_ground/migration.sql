-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "source" (
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "expected_from" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(6),
    "planned_at" TIMESTAMPTZ(6),
    "plan_error" JSONB,

    CONSTRAINT "source_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "slice" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "publication_id" INTEGER,
    "offered" TEXT,
    "published" TEXT,
    "stale" BOOLEAN NOT NULL DEFAULT false,
    "files" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "slice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "source_key" TEXT,
    "slice_id" INTEGER,
    "period" TEXT,
    "state" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "logical_time" TIMESTAMPTZ(6) NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "queued_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "heartbeat_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "progress" JSONB,
    "counts" JSONB,
    "control_totals" JSONB,
    "error" JSONB,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "publication" (
    "id" SERIAL NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "run_id" UUID NOT NULL,
    "published_at" TIMESTAMPTZ(6) NOT NULL,
    "reason" TEXT NOT NULL,
    "previous_id" INTEGER,
    "fingerprint" TEXT,
    "data_until" TIMESTAMPTZ(6),
    "projection" JSONB NOT NULL DEFAULT '{}',
    "totals" JSONB NOT NULL DEFAULT '{}',
    "difference" JSONB,
    "pool_shares" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "publication_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "finding" (
    "id" SERIAL NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "file" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "column" TEXT,
    "message" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "first_row" INTEGER,
    "sample" TEXT,

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "charge_key" (
    "id" SERIAL NOT NULL,
    "hash" UUID NOT NULL,
    "currency" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "billing_account_id" TEXT NOT NULL,
    "sub_account_id" TEXT NOT NULL,
    "region_id" TEXT NOT NULL,
    "service_category" TEXT NOT NULL,
    "service_name" TEXT NOT NULL,
    "charge_category" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "resource_patterns" TEXT[],
    "grain" TEXT NOT NULL,

    CONSTRAINT "charge_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "provider" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "billing_account_id" TEXT NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("provider","account_id")
);

-- CreateTable
CREATE TABLE "owner" (
    "id" SERIAL NOT NULL,
    "team_key" TEXT NOT NULL,
    "team_name" TEXT NOT NULL,
    "business_unit_key" TEXT NOT NULL,
    "business_unit_name" TEXT NOT NULL,
    "cost_centre" TEXT NOT NULL,

    CONSTRAINT "owner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pool" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "weights" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(6),

    CONSTRAINT "pool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "allocation_rule" (
    "id" SERIAL NOT NULL,
    "rule_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "match" JSONB NOT NULL,
    "target" JSONB NOT NULL,
    "valid_from" TEXT,
    "valid_to" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(6),

    CONSTRAINT "allocation_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "closed_period" (
    "period" TEXT NOT NULL,
    "closed_at" TIMESTAMPTZ(6) NOT NULL,
    "closed_by" TEXT NOT NULL,

    CONSTRAINT "closed_period_pkey" PRIMARY KEY ("period")
);

-- CreateTable
CREATE TABLE "cost_day" (
    "slice_id" INTEGER NOT NULL,
    "key_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "owner_id" INTEGER NOT NULL,
    "pool_id" INTEGER NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "list" DECIMAL(38,12) NOT NULL,
    "contracted" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,
    "from_publication" INTEGER NOT NULL,

    CONSTRAINT "cost_day_pkey" PRIMARY KEY ("slice_id","key_id","day","owner_id","pool_id")
);

-- CreateTable
CREATE TABLE "cost_day_history" (
    "slice_id" INTEGER NOT NULL,
    "to_publication" INTEGER NOT NULL,
    "chunk" INTEGER NOT NULL,
    "from_publications" INTEGER[],
    "key_ids" INTEGER[],
    "days" DATE[],
    "owner_ids" INTEGER[],
    "pool_ids" INTEGER[],
    "billed" DECIMAL(38,12)[],
    "effective" DECIMAL(38,12)[],
    "list" DECIMAL(38,12)[],
    "contracted" DECIMAL(38,12)[],
    "line_items" INTEGER[],

    CONSTRAINT "cost_day_history_pkey" PRIMARY KEY ("slice_id","to_publication","chunk")
);

-- CreateTable
CREATE TABLE "cost_month" (
    "slice_id" INTEGER NOT NULL,
    "owner_id" INTEGER NOT NULL,
    "key_id" INTEGER NOT NULL,
    "pool_id" INTEGER NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "list" DECIMAL(38,12) NOT NULL,
    "contracted" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,

    CONSTRAINT "cost_month_pkey" PRIMARY KEY ("slice_id","owner_id","key_id","pool_id")
);

-- CreateTable
CREATE TABLE "cost_day_account" (
    "slice_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "key_id" INTEGER NOT NULL,
    "owner_id" INTEGER NOT NULL,
    "pool_id" INTEGER NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "list" DECIMAL(38,12) NOT NULL,
    "contracted" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,

    CONSTRAINT "cost_day_account_pkey" PRIMARY KEY ("slice_id","day","key_id","owner_id","pool_id")
);

-- CreateTable
CREATE TABLE "cost_day_service" (
    "slice_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "key_id" INTEGER NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "list" DECIMAL(38,12) NOT NULL,
    "contracted" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,

    CONSTRAINT "cost_day_service_pkey" PRIMARY KEY ("slice_id","day","key_id")
);

-- CreateTable
CREATE TABLE "team_membership" (
    "id" SERIAL NOT NULL,
    "team_key" TEXT NOT NULL,
    "team_name" TEXT NOT NULL,
    "business_unit_key" TEXT NOT NULL,
    "business_unit_name" TEXT NOT NULL,
    "cost_centre" TEXT NOT NULL,
    "lead_mail" TEXT NOT NULL,
    "aliases" TEXT[],
    "valid_from" DATE,
    "valid_to" DATE,
    "source_key" TEXT NOT NULL,

    CONSTRAINT "team_membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person" (
    "id" SERIAL NOT NULL,
    "mail" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "team_key" TEXT NOT NULL,
    "manager_mail" TEXT NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'member',
    "active_from" DATE,
    "active_to" DATE,
    "source_key" TEXT NOT NULL,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "exchange_rate" (
    "day" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "rate" DECIMAL(38,12) NOT NULL,
    "source_key" TEXT NOT NULL,

    CONSTRAINT "exchange_rate_pkey" PRIMARY KEY ("day","currency","base","source_key")
);

-- CreateTable
CREATE TABLE "session" (
    "token_hash" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "team_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "activity" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "actor_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "activity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance_setting" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "instance_setting_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "slice_source_key_dataset_period_key" ON "slice"("source_key", "dataset", "period");

-- CreateIndex
CREATE INDEX "run_slice_id_queued_at_idx" ON "run"("slice_id", "queued_at");

-- CreateIndex
CREATE INDEX "run_state_idx" ON "run"("state");

-- CreateIndex
CREATE INDEX "publication_slice_id_published_at_idx" ON "publication"("slice_id", "published_at");

-- CreateIndex
CREATE INDEX "finding_slice_id_idx" ON "finding"("slice_id");

-- CreateIndex
CREATE UNIQUE INDEX "charge_key_hash_key" ON "charge_key"("hash");

-- CreateIndex
CREATE INDEX "charge_key_sub_account_id_idx" ON "charge_key"("sub_account_id");

-- CreateIndex
CREATE INDEX "charge_key_grain_idx" ON "charge_key"("grain");

-- CreateIndex
CREATE INDEX "charge_key_service_name_idx" ON "charge_key"("service_name");

-- CreateIndex
CREATE UNIQUE INDEX "owner_team_key_team_name_business_unit_key_business_unit_na_key" ON "owner"("team_key", "team_name", "business_unit_key", "business_unit_name", "cost_centre");

-- CreateIndex
CREATE INDEX "pool_key_idx" ON "pool"("key");

-- CreateIndex
CREATE INDEX "allocation_rule_rule_id_idx" ON "allocation_rule"("rule_id");

-- CreateIndex
CREATE INDEX "team_membership_team_key_idx" ON "team_membership"("team_key");

-- CreateIndex
CREATE INDEX "person_mail_idx" ON "person"("mail");

-- CreateIndex
CREATE INDEX "activity_at_idx" ON "activity"("at");

-- CreateIndex
CREATE INDEX "activity_action_idx" ON "activity"("action");

-- AddForeignKey
ALTER TABLE "slice" ADD CONSTRAINT "slice_source_key_fkey" FOREIGN KEY ("source_key") REFERENCES "source"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_source_key_fkey" FOREIGN KEY ("source_key") REFERENCES "source"("key") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_slice_id_fkey" FOREIGN KEY ("slice_id") REFERENCES "slice"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publication" ADD CONSTRAINT "publication_slice_id_fkey" FOREIGN KEY ("slice_id") REFERENCES "slice"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "publication" ADD CONSTRAINT "publication_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "finding" ADD CONSTRAINT "finding_slice_id_fkey" FOREIGN KEY ("slice_id") REFERENCES "slice"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
