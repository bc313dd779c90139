ALTER TABLE "annotations" ALTER COLUMN "time_spent_s" DROP NOT NULL;--> statement-breakpoint
-- What vendors and judges had not said was stored as 0.
UPDATE "annotations" n SET "time_spent_s" = NULL FROM "annotators" w
WHERE w.id = n.annotator_id AND w.kind <> 'person' AND n.time_spent_s = 0;
