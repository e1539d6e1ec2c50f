-- Where reading a trail goes on, moved in the transaction that appends its events.

-- AlterTable
ALTER TABLE "slice" ADD COLUMN "cursor" JSONB;
