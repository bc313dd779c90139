CREATE TABLE "pay_notices" (
	"campaign_id" uuid NOT NULL,
	"region" text NOT NULL,
	"floor_micros" bigint NOT NULL,
	"price_micros" bigint NOT NULL,
	"hourly_micros" bigint NOT NULL,
	"right_price_micros" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pay_notices_campaign_id_region_floor_micros_price_micros_pk" PRIMARY KEY("campaign_id","region","floor_micros","price_micros")
);
--> statement-breakpoint
ALTER TABLE "pay_notices" ADD CONSTRAINT "pay_notices_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;