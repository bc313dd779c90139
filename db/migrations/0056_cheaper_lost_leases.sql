-- Every lease and every answer changes assignments, and hardly any loses one: the condition is looked at without a call.
CREATE OR REPLACE FUNCTION tally_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change integer := (NEW.state IN ('expired', 'late'))::integer;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    change := change - (OLD.state IN ('expired', 'late'))::integer;
  END IF;
  INSERT INTO tally_changes (campaign_id, what, round, n) SELECT NEW.campaign_id, 'lost_leases', 0, change WHERE change <> 0;
  RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER assignments_added ON assignments;
--> statement-breakpoint
DROP TRIGGER assignments_changed ON assignments;
--> statement-breakpoint
CREATE TRIGGER assignments_added AFTER INSERT ON assignments
  FOR EACH ROW WHEN (NEW.state IN ('expired', 'late')) EXECUTE FUNCTION tally_assignments();
--> statement-breakpoint
CREATE TRIGGER assignments_changed AFTER UPDATE ON assignments
  FOR EACH ROW WHEN (OLD.state IN ('expired', 'late') OR NEW.state IN ('expired', 'late')) EXECUTE FUNCTION tally_assignments();
