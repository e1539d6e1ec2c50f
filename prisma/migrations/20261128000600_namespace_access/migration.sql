-- CreateTable
CREATE TABLE "namespace_access" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "binding" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_name" TEXT NOT NULL,
    "subject_namespace" TEXT NOT NULL,
    "role_kind" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "namespace_access_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "namespace_access_cluster_key_uid_idx" ON "namespace_access"("cluster_key", "uid");

-- CreateIndex
CREATE INDEX "namespace_access_source_key_cluster_key_idx" ON "namespace_access"("source_key", "cluster_key");
