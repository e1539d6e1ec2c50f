-- What schema.prisma cannot say.

-- Id 0 stands for "nobody" and "no pool", so that roll-up rows need no NULL in their primary key.
INSERT INTO "owner" ("id", "team_key", "team_name", "business_unit_key", "business_unit_name", "cost_centre")
VALUES (0, '', '', '', '', '');

INSERT INTO "pool" ("id", "key", "name", "method", "weights", "created_by")
VALUES (0, '', '', 'even', '{}', 'system');

-- The activity log can be added to, never changed.
CREATE FUNCTION "refuse_change_of_activity"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The activity log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;

CREATE TRIGGER "activity_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "activity"
FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_activity"();

-- A delivery that is repeated changes a few rows of a slice; room in their pages keeps those changes out of the indexes.
ALTER TABLE "cost_day" SET (fillfactor = 90);
