-- AlterTable
ALTER TABLE "ownership_claim" ADD COLUMN     "part" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "cluster" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "version" TEXT,
    "region" TEXT,
    "account_id" TEXT,
    "uid" TEXT,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster_look" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "outcome" TEXT NOT NULL,
    "unknown" JSONB NOT NULL DEFAULT '[]',
    "error" JSONB,

    CONSTRAINT "cluster_look_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster_node" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "provider_id" TEXT,
    "instance_type" TEXT,
    "capacity_type" TEXT,
    "region" TEXT,
    "zone" TEXT,
    "node_pool" TEXT,
    "cpu_cores" DOUBLE PRECISION NOT NULL,
    "memory_gib" DOUBLE PRECISION NOT NULL,
    "gpus" DOUBLE PRECISION NOT NULL,
    "allocatable" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6),
    "machine_image" TEXT,
    "kubelet_version" TEXT,
    "is_ready" BOOLEAN,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "cluster_node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6),
    "deletion_at" TIMESTAMPTZ(6),
    "finalizers" JSONB NOT NULL,
    "labels" JSONB NOT NULL,
    "annotations" JSONB NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "namespace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_state" (
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL,
    "content" JSONB NOT NULL,
    "signs" JSONB NOT NULL,
    "judgement" JSONB,
    "judged_at" TIMESTAMPTZ(6),

    CONSTRAINT "namespace_state_pkey" PRIMARY KEY ("cluster_key","uid")
);

-- CreateTable
CREATE TABLE "namespace_owner" (
    "id" SERIAL NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "team_key" TEXT,
    "strength" TEXT NOT NULL,
    "confidence" TEXT,
    "origin" TEXT,
    "reasons" JSONB NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "namespace_owner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_verdict" (
    "id" SERIAL NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "holds_data" BOOLEAN NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "namespace_verdict_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_summary" (
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6),
    "first_seen_at" TIMESTAMPTZ(6) NOT NULL,
    "gone_at" TIMESTAMPTZ(6),
    "team_key" TEXT NOT NULL DEFAULT '',
    "strength" TEXT NOT NULL DEFAULT 'none',
    "confidence" TEXT,
    "origin" TEXT,
    "reasons" JSONB NOT NULL DEFAULT '[]',
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "holds_data" BOOLEAN NOT NULL DEFAULT false,
    "quiet_since" TIMESTAMPTZ(6),
    "pods" INTEGER,
    "volumes" INTEGER,
    "volumes_gib" DOUBLE PRECISION,
    "load_balancers" INTEGER,
    "currency" TEXT,
    "cost" DECIMAL(38,12),
    "cost_order" DECIMAL(38,12) NOT NULL DEFAULT -1,

    CONSTRAINT "namespace_summary_pkey" PRIMARY KEY ("cluster_key","uid")
);

-- CreateTable
CREATE TABLE "namespace_count" (
    "cluster_key" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "team_key" TEXT NOT NULL,
    "strength" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "namespaces" INTEGER NOT NULL,
    "cost" DECIMAL(38,12) NOT NULL,

    CONSTRAINT "namespace_count_pkey" PRIMARY KEY ("cluster_key","provider","team_key","strength","state","currency")
);

-- CreateTable
CREATE TABLE "ownership_override" (
    "id" SERIAL NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_key" TEXT NOT NULL,
    "part" TEXT NOT NULL DEFAULT '',
    "team_key" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "until" TIMESTAMPTZ(6),
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "ended_by" TEXT,

    CONSTRAINT "ownership_override_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_exemption" (
    "id" SERIAL NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "until" TIMESTAMPTZ(6),
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "ended_by" TEXT,

    CONSTRAINT "namespace_exemption_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "cluster_source_key_cluster_key_idx" ON "cluster"("source_key", "cluster_key");

-- CreateIndex
CREATE INDEX "cluster_look_cluster_key_at_idx" ON "cluster_look"("cluster_key", "at");

-- CreateIndex
CREATE INDEX "cluster_node_cluster_key_uid_idx" ON "cluster_node"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "namespace_cluster_key_uid_idx" ON "namespace"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "namespace_cluster_key_name_idx" ON "namespace"("cluster_key", "name");

-- CreateIndex
CREATE INDEX "namespace_owner_cluster_key_uid_idx" ON "namespace_owner"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "namespace_owner_team_key_idx" ON "namespace_owner"("team_key");

-- CreateIndex
CREATE INDEX "namespace_verdict_cluster_key_uid_idx" ON "namespace_verdict"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_cost_order_uid_idx" ON "namespace_summary"("cost_order", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_name_uid_idx" ON "namespace_summary"("name", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_created_at_uid_idx" ON "namespace_summary"("created_at", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_team_key_cost_order_uid_idx" ON "namespace_summary"("team_key", "cost_order", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_cluster_key_cost_order_uid_idx" ON "namespace_summary"("cluster_key", "cost_order", "uid");

-- CreateIndex
CREATE INDEX "namespace_summary_state_cost_order_uid_idx" ON "namespace_summary"("state", "cost_order", "uid");

-- CreateIndex
CREATE INDEX "ownership_override_subject_kind_subject_key_idx" ON "ownership_override"("subject_kind", "subject_key");

-- CreateIndex
CREATE INDEX "ownership_override_subject_kind_part_idx" ON "ownership_override"("subject_kind", "part");

-- CreateIndex
CREATE INDEX "namespace_exemption_cluster_key_uid_idx" ON "namespace_exemption"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "ownership_claim_subject_kind_part_idx" ON "ownership_claim"("subject_kind", "part");
