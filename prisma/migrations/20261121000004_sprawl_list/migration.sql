-- What schema.prisma cannot say: an index of what names contain, without an extension that a server may not have.

-- Every three signs in a row of a namespace's name, and "^" with the first three of its uid. It is dear, so that no plan goes through
-- rows with it that the index could have answered.
CREATE FUNCTION "namespace_search_parts"("name" TEXT, "uid" TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10000
RETURN ARRAY(SELECT substr("name", i, 3) FROM generate_series(1, length("name") - 2) AS i) || ('^' || left("uid", 3));

CREATE INDEX "namespace_summary_search_parts_idx" ON "namespace_summary" USING gin ("namespace_search_parts"("name", "uid"));
