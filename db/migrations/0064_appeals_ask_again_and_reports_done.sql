ALTER TABLE "gold_appeals" DROP CONSTRAINT "gold_appeals_upheld";--> statement-breakpoint
ALTER TABLE "task_reopenings" DROP CONSTRAINT "task_reopenings_cause";--> statement-breakpoint
ALTER TABLE "task_reports" ADD COLUMN "done_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "task_reports" ADD COLUMN "done_by" text;--> statement-breakpoint
ALTER TABLE "gold_appeals" ADD CONSTRAINT "gold_appeals_upheld" CHECK (("gold_appeals"."state" = 'upheld') = ("gold_appeals"."changed_verdicts" is not null) and ("gold_appeals"."gold_before" is null) = ("gold_appeals"."gold_after" is null)
        and ("gold_appeals"."state" = 'upheld' or "gold_appeals"."gold_before" is null));--> statement-breakpoint
ALTER TABLE "task_reopenings" ADD CONSTRAINT "task_reopenings_cause" CHECK ("task_reopenings"."cause" in ('quarantine', 'instructions', 'judge', 'relabel', 'vendor', 'appeal'));