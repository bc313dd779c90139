-- Whether an annotator may have one more of a campaign: two that ask at once, through any processes, wait for one another, and
-- the second sees what the first was given, which the snapshot of its statement would not.
CREATE FUNCTION has_room(annotator uuid, campaign uuid, most integer, daily integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  held integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(annotator::text), hashtext(campaign::text));
  SELECT count(*) INTO held
  FROM assignments a
  WHERE a.annotator_id = annotator AND a.campaign_id = campaign AND a.state = 'leased' AND a.expires_at > now()
    AND (SELECT s.state FROM slots s
      WHERE s.task_id = a.task_id AND s.slot_no = a.slot_no AND s.assignment_id = a.id) = 'leased';
  IF held >= most THEN
    RETURN false;
  END IF;
  IF daily IS NULL THEN
    RETURN true;
  END IF;
  RETURN held + (
    SELECT count(*) FROM annotations n
    WHERE n.annotator_id = annotator AND n.campaign_id = campaign AND n.submitted_at >= date_trunc('day', now())
  ) < daily;
END $$;
