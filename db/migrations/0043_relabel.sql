ALTER TABLE "task_reopenings" DROP CONSTRAINT "task_reopenings_cause";--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD COLUMN "round" integer;--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD COLUMN "evidence" jsonb;--> statement-breakpoint
CREATE INDEX "task_reopenings_round" ON "task_reopenings" USING btree ("round") WHERE "task_reopenings"."round" is not null;--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD CONSTRAINT "task_reopenings_cause" CHECK ("task_reopenings"."cause" in ('quarantine', 'instructions', 'judge', 'relabel'));