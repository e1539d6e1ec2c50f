-- What a verdict stood on, and what was inside, when it was first given: so that an earlier instant can say why.
ALTER TABLE "namespace_verdict" ADD COLUMN "judgement" JSONB, ADD COLUMN "content" JSONB;
