ALTER TABLE "items" DROP CONSTRAINT "items_state";--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_kind";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "repeats" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_repeats_tasks_id_fk" FOREIGN KEY ("repeats") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_repeats" ON "tasks" USING btree ("repeats") WHERE "tasks"."repeats" is not null;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_state" CHECK ("items"."state" in ('pool', 'selected', 'gold', 'honeypot', 'repeat'));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_repeat" CHECK (("tasks"."kind" = 'repeat') = ("tasks"."repeats" is not null));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_kind" CHECK ("tasks"."kind" in ('work', 'gold', 'honeypot', 'repeat'));