-- What payments to Prolific and MTurk were for while an invoice was their report: a run settles none of it again.
INSERT INTO "payout_entries" ("payout_item_id", "ledger_id", "response_id", "amount_micros")
SELECT DISTINCT ON (l."id") i."id", l."id", r."id", l."amount_micros"
FROM "payout_items" i
JOIN "payout_runs" p ON p."id" = i."run_id"
JOIN "campaigns" c ON c."organisation_id" = i."organisation_id"
JOIN "ledger" l ON l."campaign_id" = c."id" AND l."payee" = 'vendor' AND l."kind" IN ('spend', 'bonus')
  AND l."created_at" < p."ends_at"
JOIN "annotators" w ON w."id" = l."annotator_id" AND w."workforce" = i."channel" AND NOT w."simulated"
LEFT JOIN "pay_adjustments" a ON a."id" = l."adjustment_id"
JOIN "vendor_responses" r ON r."annotation_id" = coalesce(l."annotation_id", a."annotation_id")
WHERE i."channel" IN ('prolific', 'mturk') AND i."state" NOT IN ('cancelled', 'failed')
ORDER BY l."id", p."ends_at";
