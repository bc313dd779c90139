CREATE TABLE "judge_spending" (
	"model" text PRIMARY KEY NOT NULL,
	"spent_micros" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ledger" DROP CONSTRAINT "ledger_spend_cause";--> statement-breakpoint
DROP INDEX "judge_answers_model";--> statement-breakpoint
ALTER TABLE "judge_answers" ADD COLUMN "paid_by" text;--> statement-breakpoint
ALTER TABLE "judge_audits" ADD COLUMN "paired" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "judge_answers_newest" ON "judge_answers" USING btree ("model","created_at" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_spend_cause" CHECK ("ledger"."kind" <> 'spend' or "ledger"."annotation_id" is not null or ("ledger"."payee" = 'judge' and "ledger"."annotator_id" is not null));