-- Hashes cannot be made shorter: trying to is most of what writing a tile takes.
ALTER TABLE "merkle_tile" ALTER COLUMN "hashes" SET STORAGE EXTERNAL;
