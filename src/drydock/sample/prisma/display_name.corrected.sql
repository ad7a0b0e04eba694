-- AlterTable
ALTER TABLE "users" ADD COLUMN "display_name" TEXT;

UPDATE "users" SET "display_name" = split_part("email", '@', 1);

-- The same name at another host: the newer user gets a number.
UPDATE "users" AS "newer" SET "display_name" = "newer"."display_name" || '-' || "newer"."id"
 WHERE EXISTS (SELECT FROM "users" AS "older"
                WHERE "older"."display_name" = "newer"."display_name" AND "older"."id" < "newer"."id");

ALTER TABLE "users" ALTER COLUMN "display_name" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "users_display_name_key" ON "users"("display_name");
