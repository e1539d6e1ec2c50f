-- CreateTable
CREATE TABLE "saved_search" (
    "id" SERIAL NOT NULL,
    "owner" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "search" JSONB NOT NULL,
    "is_watched" BOOLEAN NOT NULL,
    "opened_entry" BIGINT NOT NULL,
    "opened_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "saved_search_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "saved_search_owner_name_key" ON "saved_search"("owner", "name");
