ALTER TABLE "invitations" ADD COLUMN "workforce" text DEFAULT 'internal' NOT NULL;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "specializations" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "languages" text[] DEFAULT '{}' NOT NULL;