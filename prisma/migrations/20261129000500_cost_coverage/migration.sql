-- How much of a day's cost of namespaces had an owner, by how well the owner was known then: a line over time reads a row a cluster and day.
ALTER TABLE "cluster_split" ADD COLUMN "by_strength" JSONB;

UPDATE "cluster_split" s SET "by_strength" = owned.by_strength FROM (
  SELECT split_id, jsonb_object_agg(strength, amount) AS by_strength FROM (
    SELECT r.split_id, coalesce(o.strength, 'none') AS strength, sum(r.effective)::text AS amount
    FROM "namespace_cost_day" r LEFT JOIN LATERAL (
      SELECT strength FROM "namespace_owner" o WHERE o.cluster_key = r.cluster_key AND o.uid = r.namespace_uid
        AND o.seen_from < (r.day + 1)::timestamp AT TIME ZONE 'UTC' AND (o.seen_to IS NULL OR o.seen_to > r.day::timestamp AT TIME ZONE 'UTC')
      ORDER BY o.seen_from DESC LIMIT 1
    ) o ON true
    WHERE r.kind = 'namespace' GROUP BY 1, 2
  ) parts GROUP BY split_id
) owned WHERE owned.split_id = s.id;
