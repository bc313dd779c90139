ALTER TABLE "items" ADD COLUMN "content" uuid;--> statement-breakpoint
UPDATE "items" i SET "content" = md5(p."hash")::uuid FROM "item_payloads" p WHERE p."item_id" = i."id" AND i."state" = 'selected';--> statement-breakpoint
CREATE INDEX "items_chosen" ON "items" USING btree ("campaign_id","content") WHERE "items"."state" = 'selected';
