-- The names of the namespaces that are there, apart from what else lists show of them: a search for a common word reads a tenth of them.
CREATE TABLE "namespace_name" (
    "cluster_key" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "namespace_name_pkey" PRIMARY KEY ("cluster_key","uid")
);
INSERT INTO "namespace_name" SELECT "cluster_key", "uid", lower("name") FROM "namespace_summary" WHERE "gone_at" IS NULL;

-- What schema.prisma cannot say: an index of what names contain.
DROP INDEX "namespace_summary_search_parts_idx";
CREATE INDEX "namespace_name_search_parts_idx" ON "namespace_name" USING gin ("namespace_search_parts"("name", lower("uid")));
