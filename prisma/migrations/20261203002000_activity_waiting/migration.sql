-- What of Bursar's own log has not come into the trail yet. Its numbers are given before their transactions commit, so that the newest one in the trail says nothing of those below it.
-- CreateTable
CREATE TABLE "activity_waiting" (
    "id" BIGINT NOT NULL,

    CONSTRAINT "activity_waiting_pkey" PRIMARY KEY ("id")
);

CREATE FUNCTION "activity_waits"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO activity_waiting (id) VALUES (NEW.id);
  RETURN NULL;
END;
$$;

CREATE TRIGGER "activity_waits" AFTER INSERT ON "activity" FOR EACH ROW EXECUTE FUNCTION "activity_waits"();

INSERT INTO "activity_waiting" SELECT a."id" FROM "activity" a WHERE NOT EXISTS (
  SELECT FROM "event" e WHERE e."source_key" = 'bursar' AND e."event_key" = a."id"::text AND e."occurred_at" = date_trunc('milliseconds', a."at"));
