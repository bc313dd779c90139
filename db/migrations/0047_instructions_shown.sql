ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind";--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "instructions_version" integer;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind" CHECK ("outbox"."kind" in ('start_task', 'start_campaign', 'signal_task', 'signal_campaign', 'signal_annotator', 'late_answer', 'signal_order', 'signal_payout'));