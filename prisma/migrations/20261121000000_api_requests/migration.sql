-- CreateTable
CREATE TABLE "api_limiter" (
    "api" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "next_at" TIMESTAMPTZ(6) NOT NULL,
    "pace" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "throttled_at" TIMESTAMPTZ(6),

    CONSTRAINT "api_limiter_pkey" PRIMARY KEY ("api","operation","account","region")
);

-- CreateTable
CREATE TABLE "api_request" (
    "source_key" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "run_id" UUID NOT NULL,
    "api" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,
    "throttled" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "price_usd" DECIMAL(38,12) NOT NULL,

    CONSTRAINT "api_request_pkey" PRIMARY KEY ("source_key","day","run_id","api","operation","region","account")
);

-- CreateTable
CREATE TABLE "api_month" (
    "source_key" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "price_usd" DECIMAL(38,12) NOT NULL,

    CONSTRAINT "api_month_pkey" PRIMARY KEY ("source_key","month")
);

-- CreateIndex
CREATE INDEX "api_request_run_id_idx" ON "api_request"("run_id");
