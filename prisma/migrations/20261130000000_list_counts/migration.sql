-- What schema.prisma cannot say: indexes that carry columns beside their keys.
-- Lists are of the namespaces that are there: the indexes in their orders hold those alone, with all that is needed to find a page's rows,
-- so that a late page passes over the index and not over the rows of all pages before it.
DROP INDEX "namespace_summary_cost_order_uid_idx";
CREATE INDEX "namespace_summary_cost_order_uid_idx" ON "namespace_summary"("cost_order", "uid") INCLUDE ("cluster_key", "name") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_name_uid_idx";
CREATE INDEX "namespace_summary_name_uid_idx" ON "namespace_summary"("name", "uid") INCLUDE ("cluster_key") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_created_at_uid_idx";
CREATE INDEX "namespace_summary_created_at_uid_idx" ON "namespace_summary"("created_at", "uid") INCLUDE ("cluster_key", "name") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_team_key_cost_order_uid_idx";
CREATE INDEX "namespace_summary_team_key_cost_order_uid_idx" ON "namespace_summary"("team_key", "cost_order", "uid") INCLUDE ("cluster_key") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_cluster_key_cost_order_uid_idx";
CREATE INDEX "namespace_summary_cluster_key_cost_order_uid_idx" ON "namespace_summary"("cluster_key", "cost_order", "uid") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_state_cost_order_uid_idx";
CREATE INDEX "namespace_summary_state_cost_order_uid_idx" ON "namespace_summary"("state", "cost_order", "uid") INCLUDE ("cluster_key") WHERE "gone_at" IS NULL;
DROP INDEX "namespace_summary_search_parts_idx";
CREATE INDEX "namespace_summary_search_parts_idx" ON "namespace_summary" USING gin ("namespace_search_parts"("name", "uid")) WHERE "gone_at" IS NULL;

-- How many namespaces a cluster has of one value of one dimension: a list that is narrowed by one of them adds up a number a cluster.
CREATE TABLE "namespace_total" (
    "cluster_key" TEXT NOT NULL,
    "dimension" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "namespaces" INTEGER NOT NULL,

    CONSTRAINT "namespace_total_pkey" PRIMARY KEY ("cluster_key","dimension","key")
);
CREATE INDEX "namespace_total_dimension_key_idx" ON "namespace_total"("dimension", "key");

INSERT INTO "namespace_total" ("cluster_key", "dimension", "key", "namespaces")
  SELECT c."cluster_key", v."dimension", v."key", sum(c."namespaces")::int
  FROM "namespace_count" c, LATERAL (VALUES ('', ''), ('provider', c."provider"), ('team_key', c."team_key"), ('strength', c."strength"), ('state', c."state")) AS v ("dimension", "key")
  GROUP BY 1, 2, 3;
