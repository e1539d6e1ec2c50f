-- AlterTable
ALTER TABLE "slice" ADD COLUMN     "clusters" TEXT;

-- CreateTable
CREATE TABLE "namespace_usage_hour" (
    "cluster_key" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(6) NOT NULL,
    "namespace" TEXT NOT NULL,
    "namespace_uid" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "cpu_requested" DOUBLE PRECISION,
    "cpu_used" DOUBLE PRECISION,
    "cpu_larger" DOUBLE PRECISION,
    "memory_requested" DOUBLE PRECISION,
    "memory_used" DOUBLE PRECISION,
    "memory_larger" DOUBLE PRECISION,
    "gpu_requested" DOUBLE PRECISION,
    "gpu_used" DOUBLE PRECISION,
    "gpu_larger" DOUBLE PRECISION,
    "network_bytes" DOUBLE PRECISION,
    "volume_gib" DOUBLE PRECISION,
    "pods" DOUBLE PRECISION,
    CONSTRAINT "namespace_usage_hour_pkey" PRIMARY KEY ("cluster_key","hour","namespace","node")
);

-- CreateTable
CREATE TABLE "usage_day" (
    "cluster_key" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "source_key" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "observed_hours" INTEGER[],
    "is_final" BOOLEAN NOT NULL,
    "stamp" TEXT NOT NULL,
    "read_at" TIMESTAMPTZ(6) NOT NULL,
    CONSTRAINT "usage_day_pkey" PRIMARY KEY ("cluster_key","day")
);

-- CreateTable
CREATE TABLE "usage_sample" (
    "cluster_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "namespace" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "cpu_requested" DOUBLE PRECISION,
    "cpu_used" DOUBLE PRECISION,
    "memory_requested" DOUBLE PRECISION,
    "memory_used" DOUBLE PRECISION,
    "gpu_requested" DOUBLE PRECISION,
    "pods" INTEGER NOT NULL,
    CONSTRAINT "usage_sample_pkey" PRIMARY KEY ("cluster_key","at","namespace","node")
);

-- CreateTable
CREATE TABLE "cluster_cost" (
    "id" SERIAL NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(6) NOT NULL,
    "hours" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,
    CONSTRAINT "cluster_cost_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster_cost_total" (
    "publication_id" INTEGER NOT NULL,
    "slice_id" INTEGER NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "line_items" INTEGER NOT NULL,
    CONSTRAINT "cluster_cost_total_pkey" PRIMARY KEY ("publication_id","cluster_key","currency")
);

-- CreateTable
CREATE TABLE "cluster_method" (
    "id" SERIAL NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "idle" TEXT NOT NULL,
    "idle_per" TEXT NOT NULL,
    "shared" JSONB NOT NULL,
    "valid_from" DATE,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(6),
    CONSTRAINT "cluster_method_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster_split" (
    "id" SERIAL NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "settings" JSONB NOT NULL,
    "inputs" TEXT NOT NULL,
    "notes" JSONB NOT NULL,
    "parts" JSONB NOT NULL,
    "split_at" TIMESTAMPTZ(6) NOT NULL,
    "replaced_at" TIMESTAMPTZ(6),
    "rows" JSONB,
    CONSTRAINT "cluster_split_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_cost_day" (
    "split_id" INTEGER NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "namespace_uid" TEXT NOT NULL,
    "billed" DECIMAL(38,12) NOT NULL,
    "effective" DECIMAL(38,12) NOT NULL,
    "direct_billed" DECIMAL(38,12) NOT NULL,
    "direct_effective" DECIMAL(38,12) NOT NULL,
    "idle_billed" DECIMAL(38,12) NOT NULL,
    "idle_effective" DECIMAL(38,12) NOT NULL,
    "shared_billed" DECIMAL(38,12) NOT NULL,
    "shared_effective" DECIMAL(38,12) NOT NULL,
    "given_billed" DECIMAL(38,12) NOT NULL,
    "given_effective" DECIMAL(38,12) NOT NULL,
    "resources" JSONB NOT NULL,
    CONSTRAINT "namespace_cost_day_pkey" PRIMARY KEY ("cluster_key","day","currency","kind","namespace","namespace_uid")
);

-- CreateIndex
CREATE INDEX "namespace_usage_hour_cluster_key_namespace_uid_hour_idx" ON "namespace_usage_hour"("cluster_key", "namespace_uid", "hour");

-- CreateIndex
CREATE INDEX "cluster_cost_cluster_key_starts_at_idx" ON "cluster_cost"("cluster_key", "starts_at");

-- CreateIndex
CREATE INDEX "cluster_cost_slice_id_idx" ON "cluster_cost"("slice_id");

-- CreateIndex
CREATE INDEX "cluster_cost_total_slice_id_idx" ON "cluster_cost_total"("slice_id");

-- CreateIndex
CREATE INDEX "cluster_method_cluster_key_idx" ON "cluster_method"("cluster_key");

-- CreateIndex
CREATE INDEX "cluster_split_cluster_key_day_idx" ON "cluster_split"("cluster_key", "day");

-- CreateIndex
CREATE INDEX "namespace_cost_day_cluster_key_namespace_uid_day_idx" ON "namespace_cost_day"("cluster_key", "namespace_uid", "day");

-- CreateIndex
CREATE INDEX "namespace_cost_day_namespace_uid_idx" ON "namespace_cost_day"("namespace_uid");
