-- Who may do what in whole clusters, and since when applications are not as declared: what checks need and no inventory keeps.

-- CreateTable
CREATE TABLE "cluster_binding" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "subjects" JSONB NOT NULL,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "cluster_binding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "application_sync" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "status" TEXT,
    "seen_from" TIMESTAMPTZ(6) NOT NULL,
    "seen_to" TIMESTAMPTZ(6),

    CONSTRAINT "application_sync_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "cluster_binding_cluster_key_name_idx" ON "cluster_binding"("cluster_key", "name");

-- CreateIndex
CREATE INDEX "application_sync_cluster_key_uid_idx" ON "application_sync"("cluster_key", "uid");
