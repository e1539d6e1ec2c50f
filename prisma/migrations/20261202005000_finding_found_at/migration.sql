-- AlterTable: findings of before have no time.
ALTER TABLE "finding" ADD COLUMN "found_at" TIMESTAMPTZ(6);
ALTER TABLE "finding" ALTER COLUMN "found_at" SET DEFAULT CURRENT_TIMESTAMP;
