CREATE TABLE "judge_answers" (
	"hash" text PRIMARY KEY NOT NULL,
	"model" text NOT NULL,
	"prompt_version" text NOT NULL,
	"said" jsonb,
	"input_tokens" integer NOT NULL,
	"output_tokens" integer NOT NULL,
	"cost_micros" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "judge_answers_cost" CHECK ("judge_answers"."cost_micros" >= 0)
);
--> statement-breakpoint
CREATE INDEX "judge_answers_model" ON "judge_answers" USING btree ("model");