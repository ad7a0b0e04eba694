-- AlterTable
ALTER TABLE "users" ADD COLUMN "display_name" TEXT;

UPDATE "users" SET "display_name" = split_part("email", '@', 1);

ALTER TABLE "users" ALTER COLUMN "display_name" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "users_display_name_key" ON "users"("display_name");
