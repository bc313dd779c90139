ALTER TABLE "annotators" ADD COLUMN "region_asked" text;--> statement-breakpoint
CREATE INDEX "annotators_region_asked" ON "annotators" USING btree ("organisation_id","id") WHERE "annotators"."region_asked" is not null;--> statement-breakpoint
ALTER TABLE "annotators" ADD CONSTRAINT "annotators_region_asked" CHECK ("annotators"."region_asked" ~ '^[A-Z]{2}$');