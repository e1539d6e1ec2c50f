-- Whether a sign-in used a second factor. Of what is there already it stays unknown: it stands in the record, which is packed.
-- AlterTable
ALTER TABLE "event" ADD COLUMN "mfa" TEXT;

-- As lib/domain/trail/event-terms.ts has it.
CREATE OR REPLACE FUNCTION "event_terms"(e "event") RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_remove(ARRAY['*', 'actor=' || e.actor, 'action=' || e.action, 'class=' || e.verb_class, 'outcome=' || e.outcome,
    'resource=' || e.resource, 'account=' || e.account_id, 'cluster=' || e.cluster_key, 'namespace=' || e.namespace,
    'source=' || e.source_key, 'person=' || e.person, 'mfa=' || e.mfa], NULL)
    || event_words(concat_ws(' ', e.action, e.resource, e.actor, e.person, e.namespace, e.account_id))
$$;
