-- Who made namespaces and accounts, and where a person changed something last: what events tell, kept with them.

-- CreateTable
CREATE TABLE "making" (
    "id" SERIAL NOT NULL,
    "source_key" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "cluster_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "uid" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "person" TEXT,
    "through" TEXT,

    CONSTRAINT "making_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "namespace_person_use" (
    "cluster_key" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "person" TEXT NOT NULL,
    "action" TEXT NOT NULL,

    CONSTRAINT "namespace_person_use_pkey" PRIMARY KEY ("cluster_key","namespace")
);

-- CreateIndex
CREATE INDEX "making_cluster_key_name_idx" ON "making"("cluster_key", "name");

-- CreateIndex
CREATE INDEX "making_source_key_kind_idx" ON "making"("source_key", "kind");
