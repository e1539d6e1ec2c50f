-- What rules say of resources, kept as stretches of time; the numbers pages read; waivers, evidence and reports.

-- CreateTable
CREATE TABLE "compliance_rule" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "rule_key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "severity" TEXT,
    "remedy" TEXT,
    "details" JSONB NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "compliance_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "compliance_resource" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "resource_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "account_id" TEXT,
    "region" TEXT,
    "cluster_key" TEXT,
    "namespace_uid" TEXT,

    CONSTRAINT "compliance_resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_cell" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "rule_key" TEXT NOT NULL,
    "team_key" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "environment" TEXT NOT NULL,

    CONSTRAINT "posture_cell_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluation" (
    "id" BIGSERIAL NOT NULL,
    "cell_id" INTEGER NOT NULL,
    "resource_id" INTEGER NOT NULL,
    "verdict" TEXT NOT NULL,
    "note" TEXT,
    "evidence_hash" TEXT,
    "valid_from" TIMESTAMPTZ(6) NOT NULL,
    "valid_to" TIMESTAMPTZ(6),
    "recorded_at" TIMESTAMPTZ(6) NOT NULL,
    "retired_at" TIMESTAMPTZ(6),

    CONSTRAINT "evaluation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evidence" (
    "hash" TEXT NOT NULL,
    "body" BYTEA NOT NULL,

    CONSTRAINT "evidence_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "evaluation_look" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "outcome" TEXT NOT NULL,
    "good_until" TIMESTAMPTZ(6) NOT NULL,
    "unknown" JSONB NOT NULL DEFAULT '[]',
    "error" JSONB,

    CONSTRAINT "evaluation_look_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_change" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "cell_id" INTEGER NOT NULL,
    "verdict" TEXT NOT NULL,
    "delta" INTEGER NOT NULL,

    CONSTRAINT "posture_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "posture_month" (
    "month" TEXT NOT NULL,
    "cell_id" INTEGER NOT NULL,
    "verdict" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "posture_month_pkey" PRIMARY KEY ("month","cell_id","verdict")
);

-- CreateTable
CREATE TABLE "waiver" (
    "id" SERIAL NOT NULL,
    "rule_key" TEXT NOT NULL,
    "scope_kind" TEXT NOT NULL,
    "scope_key" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(6) NOT NULL,
    "valid_from" TIMESTAMPTZ(6) NOT NULL,
    "ends_at" TIMESTAMPTZ(6) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(6),
    "decision" TEXT,
    "decision_note" TEXT,
    "ended_at" TIMESTAMPTZ(6),
    "ended_by" TEXT,

    CONSTRAINT "waiver_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "manual_evidence" (
    "id" SERIAL NOT NULL,
    "framework_id" TEXT NOT NULL,
    "control_id" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "content" BYTEA NOT NULL,
    "uploaded_by" TEXT NOT NULL,
    "uploaded_at" TIMESTAMPTZ(6) NOT NULL,
    "valid_until" TIMESTAMPTZ(6),
    "withdrawn_at" TIMESTAMPTZ(6),
    "withdrawn_by" TEXT,

    CONSTRAINT "manual_evidence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "report" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "requested_by" TEXT NOT NULL,
    "requested_as" JSONB NOT NULL,
    "requested_at" TIMESTAMPTZ(6) NOT NULL,
    "state" TEXT NOT NULL,
    "progress" JSONB,
    "sha256" TEXT,
    "size" BIGINT,
    "totals" JSONB,
    "error" JSONB,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "report_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "compliance_rule_source_key_part_idx" ON "compliance_rule"("source_key", "part");

-- CreateIndex
CREATE INDEX "compliance_rule_rule_key_idx" ON "compliance_rule"("rule_key");

-- CreateIndex
CREATE INDEX "compliance_resource_cluster_key_namespace_uid_idx" ON "compliance_resource"("cluster_key", "namespace_uid");

-- CreateIndex
CREATE INDEX "compliance_resource_account_id_idx" ON "compliance_resource"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "compliance_resource_kind_resource_key_key" ON "compliance_resource"("kind", "resource_key");

-- CreateIndex
CREATE INDEX "posture_cell_rule_key_idx" ON "posture_cell"("rule_key");

-- CreateIndex
CREATE UNIQUE INDEX "posture_cell_source_key_part_rule_key_team_key_account_id_c_key" ON "posture_cell"("source_key", "part", "rule_key", "team_key", "account_id", "cluster_key", "environment");

-- CreateIndex
CREATE INDEX "evaluation_cell_id_valid_from_idx" ON "evaluation"("cell_id", "valid_from");

-- CreateIndex
CREATE INDEX "evaluation_resource_id_valid_from_idx" ON "evaluation"("resource_id", "valid_from");

-- CreateIndex
CREATE INDEX "evaluation_look_source_key_part_at_idx" ON "evaluation_look"("source_key", "part", "at");

-- CreateIndex
CREATE INDEX "posture_change_at_idx" ON "posture_change"("at");

-- CreateIndex
CREATE INDEX "posture_change_cell_id_at_idx" ON "posture_change"("cell_id", "at");

-- CreateIndex
CREATE INDEX "waiver_rule_key_idx" ON "waiver"("rule_key");

-- CreateIndex
CREATE INDEX "manual_evidence_framework_id_control_id_idx" ON "manual_evidence"("framework_id", "control_id");

-- CreateIndex
CREATE INDEX "report_requested_at_idx" ON "report"("requested_at");

-- What schema.prisma cannot say.

-- Of one rule and resource in one part only one verdict stands now, and it is found by resource.
CREATE INDEX "evaluation_open_idx" ON "evaluation" ("cell_id", "resource_id") WHERE "valid_to" IS NULL AND "retired_at" IS NULL;

ALTER TABLE "evaluation"
  ADD CONSTRAINT "evaluation_verdict_check" CHECK ("verdict" IN ('pass', 'fail', 'unknown', 'not_applicable')),
  ADD CONSTRAINT "evaluation_valid_check" CHECK ("valid_to" IS NULL OR "valid_to" > "valid_from");

-- Nobody approves what they asked for.
ALTER TABLE "waiver" ADD CONSTRAINT "waiver_two_people_check" CHECK ("decided_by" IS NULL OR "decided_by" <> "requested_by");
