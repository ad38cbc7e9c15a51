from django.db import migrations

from core.triggers import AppendOnly

# Closes the chain at commit, in the order of commits: the lock is taken last and held for a moment only.
SEAL = """
CREATE FUNCTION core_seal_audit_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    chain bigint := coalesce(NEW.community_id, 0);
    last_number bigint;
    last_hash text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('core.audit', chain));
    SELECT number, hash INTO last_number, last_hash FROM core_auditrecord
        WHERE coalesce(community_id, 0) = chain AND number IS NOT NULL ORDER BY number DESC LIMIT 1;
    UPDATE core_auditrecord SET
        number = coalesce(last_number, 0) + 1,
        previous_hash = coalesce(last_hash, ''),
        hash = encode(sha256(convert_to(
            coalesce(last_hash, '') || digest || (extract(epoch FROM at) * 1000000)::bigint, 'UTF8')), 'hex')
        WHERE id = NEW.id AND number IS NULL;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER core_auditrecord_seal AFTER INSERT ON core_auditrecord
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core_seal_audit_record();
"""
UNSEAL = """
DROP TRIGGER core_auditrecord_seal ON core_auditrecord;
DROP FUNCTION core_seal_audit_record();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        AppendOnly("core_auditrecord", once=("number", "previous_hash", "hash")),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
