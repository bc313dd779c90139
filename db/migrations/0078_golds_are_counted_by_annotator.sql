ALTER TABLE "annotations" ADD COLUMN "of_gold" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "annotations_gold" ON "annotations" USING btree ("annotator_id","campaign_id") WHERE "annotations"."of_gold";--> statement-breakpoint
UPDATE "annotations" n SET "of_gold" = true FROM "tasks" t WHERE t.id = n.task_id AND t.kind IN ('gold', 'honeypot');
