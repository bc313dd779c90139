ALTER TABLE "annotator_standings" ADD COLUMN "routine_check" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "annotators" ADD COLUMN "routine_check" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "annotator_standings" SET "routine_check" = true
WHERE "standing" = 'recalibrating' AND starts_with("standing_reason", 'Recalibrating: routine check');--> statement-breakpoint
UPDATE "annotators" SET "routine_check" = true
WHERE "standing" = 'recalibrating' AND starts_with("standing_reason", 'Recalibrating: routine check');
