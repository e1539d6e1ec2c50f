-- AlterTable
ALTER TABLE "tree_head" ADD COLUMN "stamp" BYTEA;
ALTER TABLE "tree_head" ADD COLUMN "stamped_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "tree_head_copy" (
    "place" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "stamp_waits" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "tree_head_copy_pkey" PRIMARY KEY ("place","size")
);

-- CreateTable
CREATE TABLE "tree_head_failure" (
    "place" TEXT NOT NULL,
    "since" TIMESTAMPTZ(6) NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "error" JSONB NOT NULL,

    CONSTRAINT "tree_head_failure_pkey" PRIMARY KEY ("place")
);

-- Made by hand: schema.prisma cannot say that it has few rows. What waits is found without a look at what is there.
CREATE INDEX "tree_head_copy_waits_idx" ON "tree_head_copy"("place", "size") WHERE "stamp_waits";
