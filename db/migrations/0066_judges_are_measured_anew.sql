ALTER TABLE "judge_trusts" ADD COLUMN "measured_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "judge_trusts" ADD COLUMN "measured_by" text;--> statement-breakpoint
ALTER TABLE "judge_trusts" ADD COLUMN "measured_why" text;