CREATE TABLE "selections" (
	"campaign_id" uuid NOT NULL,
	"round" integer NOT NULL,
	"strategy" text NOT NULL,
	"wanted" integer NOT NULL,
	"candidates" "bytea" NOT NULL,
	"reference" "bytea" NOT NULL,
	"probabilities" "bytea",
	"model_round" integer,
	"space_version" integer,
	"note" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "selections_campaign_id_round_pk" PRIMARY KEY("campaign_id","round")
);
--> statement-breakpoint
ALTER TABLE "models" DROP CONSTRAINT "models_pkey";--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_campaign_id_round_pk" PRIMARY KEY("campaign_id","round");--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "selection_digest" text;--> statement-breakpoint
ALTER TABLE "selections" ADD CONSTRAINT "selections_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;