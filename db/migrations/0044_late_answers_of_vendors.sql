-- What vendors sent late was accepted and charged there though a campaign's policy left it unpaid here: it is owed.
UPDATE "annotations" n SET "pay_state" = 'owed'
FROM "annotators" w
WHERE w."id" = n."annotator_id" AND w."kind" <> 'person' AND NOT w."simulated" AND n."pay_state" = 'unpaid_by_policy';
