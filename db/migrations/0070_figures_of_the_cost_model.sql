CREATE TABLE "cost_figures" (
	"organisation_id" uuid NOT NULL,
	"name" text NOT NULL,
	"millionths" bigint NOT NULL,
	CONSTRAINT "cost_figures_organisation_id_name_pk" PRIMARY KEY("organisation_id","name"),
	CONSTRAINT "cost_figures_name" CHECK ("cost_figures"."name" ~ '^((hourlyUsd|seconds|fee)[.][a-z_]+|gold|review|reviewFactor|hostingUsd)$'),
	CONSTRAINT "cost_figures_amount" CHECK ("cost_figures"."millionths" >= 0 and ("cost_figures"."name" !~ '^(hourlyUsd|seconds)' or "cost_figures"."millionths" > 0)
        and ("cost_figures"."name" <> 'review' or "cost_figures"."millionths" <= 1000000))
);
--> statement-breakpoint
ALTER TABLE "cost_figures" ADD CONSTRAINT "cost_figures_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;