ALTER TABLE "vendor_units" ADD COLUMN "gold_held_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "vendor_units" ADD CONSTRAINT "vendor_units_gold" CHECK ("vendor_units"."gold_held_micros" >= 0 and ("vendor_units"."gold_held_micros" = 0 or "vendor_units"."state" = 'ordered'));--> statement-breakpoint
-- What a gold's unit still holds goes back to the campaign's gold money when no more answers of it come, whoever ends it.
CREATE FUNCTION release_gold_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE authorizations SET held_micros = held_micros - NEW.gold_held_micros
  WHERE campaign_id = NEW.campaign_id AND task_id IS NULL;
  NEW.gold_held_micros := 0;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER vendor_units_gold_hold BEFORE UPDATE OF state ON vendor_units FOR EACH ROW
  WHEN (OLD.state = 'ordered' AND NEW.state <> 'ordered' AND NEW.gold_held_micros > 0) EXECUTE FUNCTION release_gold_hold();
