ALTER TABLE "judge_spending" DROP CONSTRAINT "judge_spending_pkey";--> statement-breakpoint
ALTER TABLE "judge_spending" ADD COLUMN "address" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "judge_spending" ADD COLUMN "answered_by" text;--> statement-breakpoint
ALTER TABLE "judge_spending" ADD CONSTRAINT "judge_spending_model_address_pk" PRIMARY KEY("model","address");
