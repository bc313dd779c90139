ALTER TABLE "gold_answers" ADD COLUMN "promoted_from" uuid;--> statement-breakpoint
ALTER TABLE "gold_answers" ADD COLUMN "promoted_by" text;--> statement-breakpoint
ALTER TABLE "gold_answers" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "gold_answers" ADD COLUMN "promoted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "gold_answers_promoted" ON "gold_answers" USING btree ("promoted_from") WHERE "gold_answers"."promoted_from" is not null;