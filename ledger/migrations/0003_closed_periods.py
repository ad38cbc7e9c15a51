"""Nothing is booked into a closed period (P-08): the database refuses it, whoever writes and however.

A statement trigger on entries looks at all new rows at once. It first takes a lock of the company that others who
post share and that closing takes alone, both until the end of their transaction: whoever closes waits for those who
are posting, and whoever posts after that sees that it is closed.
"""

import django.db.models.deletion
from django.db import migrations, models

from core.triggers import AppendOnly

GUARD = """
CREATE FUNCTION ledger_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    company bigint;
    closed record;
BEGIN
    FOR company IN SELECT DISTINCT company_id FROM new_entries ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtext('ledger_closedperiod'), company::int);
    END LOOP;
    SELECT entry.source, period.through INTO closed
        FROM (
            SELECT company_id, community_id, min(booked_on) AS first, min(source) AS source
            FROM new_entries GROUP BY company_id, community_id
        ) AS entry
        JOIN ledger_closedperiod AS period ON period.company_id = entry.company_id
            AND (period.community_id IS NULL OR period.community_id = entry.community_id)
            AND period.through >= entry.first
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books are closed through %: entry % refused, book it on a later day',
            closed.through, closed.source USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_open AFTER INSERT ON ledger_journalentry
    REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed();

CREATE FUNCTION ledger_close_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ledger_closedperiod'), NEW.company_id::int);
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_closedperiod_alone BEFORE INSERT ON ledger_closedperiod
    FOR EACH ROW EXECUTE FUNCTION ledger_close_alone();
"""
UNGUARD = """
DROP TRIGGER ledger_closedperiod_alone ON ledger_closedperiod;
DROP TRIGGER ledger_entry_open ON ledger_journalentry;
DROP FUNCTION ledger_close_alone();
DROP FUNCTION ledger_refuse_closed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("estates", "0001_initial"),
        ("ledger", "0002_balanced_and_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("through", models.DateField(verbose_name="closed through")),
                ("closed_by", models.CharField(max_length=150, verbose_name="closed by")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                (
                    "community",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closed_periods",
                        to="estates.community",
                        verbose_name="community",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closed_periods",
                        to="estates.company",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "closed period",
                "verbose_name_plural": "closed periods",
                "ordering": ["-through", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "community", "through"),
                        name="ledger_closed_period_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        AppendOnly("ledger_closedperiod"),
    ]
