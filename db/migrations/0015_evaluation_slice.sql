ALTER TABLE "rounds" ADD COLUMN "held_out_on" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "purpose" text DEFAULT 'training' NOT NULL;--> statement-breakpoint
CREATE INDEX "tasks_evaluation" ON "tasks" USING btree ("campaign_id") WHERE "tasks"."purpose" = 'evaluation';--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_held_out_on" CHECK ("rounds"."held_out_on" in ('slice', 'gold'));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_purpose" CHECK ("tasks"."purpose" in ('training', 'evaluation'));