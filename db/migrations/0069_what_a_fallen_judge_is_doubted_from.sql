ALTER TABLE "judge_trusts" ADD COLUMN "doubted_from" timestamp (3) with time zone;--> statement-breakpoint
-- Of judges that fell before this was kept: since as many audits as they were measured by lately.
UPDATE "judge_trusts" j SET "doubted_from" = (
  SELECT min(shown."created_at") FROM (
    SELECT a."created_at" FROM "judge_audits" a
    WHERE a."campaign_id" = j."campaign_id" AND a."created_at" <= j."distrusted_at"
    ORDER BY a."created_at" DESC LIMIT greatest(j."recent_of", 50)
  ) shown
)
WHERE j."trust" = 'distrusted' AND coalesce(j."cause", 'fell') = 'fell';
