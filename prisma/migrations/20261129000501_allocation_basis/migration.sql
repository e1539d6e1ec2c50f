-- What an allocation was made of besides the rules: while it stays, a rule that moves nothing of a slice needs no new publication of it.
ALTER TABLE "publication" ADD COLUMN "allocation_basis" TEXT;
