-- A large batch writes its places as rows of their own, as looking each row up to add to it takes longer than everything else that is done with a term.
-- DropPrimaryKey and AddPrimaryKey
ALTER TABLE "event_term_day" DROP CONSTRAINT "event_term_day_pkey",
  ADD COLUMN "piece" SMALLINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "event_term_day_pkey" PRIMARY KEY ("term","day","block","piece");
