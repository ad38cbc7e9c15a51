"""Allocations and waivers never change, and together never settle a line beyond its amount or below zero.

Set-wise: one statement trigger a table locks the bills of the new rows, in the order of the house, and then sums
their lines once. The lock makes two transactions that settle one line wait for each other, whatever they asked
before; after waiting, the second one sums what the first has written.
"""

from django.db import migrations, models

from core.triggers import AppendOnly

GUARD = """
CREATE FUNCTION billing_weigh_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    PERFORM 1 FROM billing_bill
        WHERE id IN (SELECT bill_id FROM billing_chargeline WHERE id IN (SELECT line_id FROM new_rows))
        ORDER BY due_on, id FOR NO KEY UPDATE;
    SELECT line.id INTO wrong
        FROM (SELECT DISTINCT line_id FROM new_rows) AS touched
        JOIN billing_chargeline AS line ON line.id = touched.line_id
        JOIN billing_bill AS bill ON bill.id = line.bill_id
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT sum(amount) FROM billing_allocation WHERE line_id = line.id), 0)
                + coalesce((SELECT sum(amount) FROM billing_waiver WHERE line_id = line.id), 0) AS settled
            OFFSET 0  -- summed once a line, not once for each comparison below
        ) AS sums
        WHERE settled > greatest(line.amount, 0) OR settled < least(line.amount, 0)
            OR (settled <> 0 AND bill.state <> 'issued')
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % would be settled beyond its amount, below zero, or on a bill that is not issued', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_allocation_weigh AFTER INSERT ON billing_allocation
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION billing_weigh_settlement();
CREATE TRIGGER billing_waiver_weigh AFTER INSERT ON billing_waiver
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION billing_weigh_settlement();
"""
UNGUARD = """
DROP TRIGGER billing_allocation_weigh ON billing_allocation;
DROP TRIGGER billing_waiver_weigh ON billing_waiver;
DROP FUNCTION billing_weigh_settlement();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("core", "0002_append_only_audit")]

    operations = [
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses=None)
                | models.Q(amount__lt=0, reverses__isnull=False),
                name="billing_waiver_sign",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        AppendOnly("billing_allocation"),
        AppendOnly("billing_waiver"),
    ]
