"""The database keeps P-01 and P-02: entries balance at COMMIT, old entries stay closed, nothing changes.

Set-wise, so that a COPY of 100,000 legs costs two grouped scans of its own rows: a statement trigger refuses
legs for entries of another transaction and notes the entries its rows leave unbalanced; a deferred constraint
trigger on the notes looks at those entries once more at COMMIT. Legs written in one balanced statement, as all
our services do, leave no note. The guard also does the work of the two foreign keys of a leg: it finds entry and
ledger account, and neither can be deleted.
"""

import django.db.models.deletion
from django.db import migrations, models

from core.triggers import AppendOnly

GUARD = """
CREATE FUNCTION ledger_stamp_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.written_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_stamp BEFORE INSERT ON ledger_journalentry
    FOR EACH ROW EXECUTE FUNCTION ledger_stamp_entry();

CREATE UNLOGGED TABLE ledger_unbalanced (entry_id bigint NOT NULL);

CREATE FUNCTION ledger_weigh_legs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stray bigint;
BEGIN
    SELECT legs.entry_id INTO stray
        FROM (SELECT DISTINCT entry_id, ledger_account_id FROM new_legs) AS legs
        LEFT JOIN ledger_journalentry AS entry ON entry.id = legs.entry_id
            AND entry.written_in = pg_current_xact_id()::text::bigint
        LEFT JOIN ledger_ledgeraccount AS account ON account.id = legs.ledger_account_id
            AND account.company_id = entry.company_id
        WHERE account.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is closed, or an account is not of its company: a leg joins only an entry of its own transaction', stray
            USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO ledger_unbalanced (entry_id)
        SELECT entry_id FROM new_legs GROUP BY entry_id HAVING sum(amount) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_leg_weigh AFTER INSERT ON ledger_journalleg
    REFERENCING NEW TABLE AS new_legs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_weigh_legs();

CREATE FUNCTION ledger_look_again() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    imbalance numeric;
BEGIN
    SELECT sum(amount) INTO imbalance FROM ledger_journalleg WHERE entry_id = NEW.entry_id;
    IF imbalance <> 0 THEN
        RAISE EXCEPTION 'entry % does not balance: its legs sum to %', NEW.entry_id, imbalance
            USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM ledger_unbalanced WHERE entry_id = NEW.entry_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_unbalanced
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_look_again();
"""
UNGUARD = """
DROP TRIGGER ledger_leg_weigh ON ledger_journalleg;
DROP TABLE ledger_unbalanced;
DROP TRIGGER ledger_entry_stamp ON ledger_journalentry;
DROP FUNCTION ledger_weigh_legs();
DROP FUNCTION ledger_look_again();
DROP FUNCTION ledger_stamp_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("core", "0002_append_only_audit")]

    operations = [
        migrations.AlterField(
            model_name="journalleg",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legs",
                to="ledger.journalentry",
                verbose_name="entry",
            ),
        ),
        migrations.AlterField(
            model_name="journalleg",
            name="ledger_account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legs",
                to="ledger.ledgeraccount",
                verbose_name="ledger account",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        AppendOnly("ledger_ledgeraccount", mutable=("name",)),
        AppendOnly("ledger_journalentry"),
        AppendOnly("ledger_journalleg"),
    ]
