from django.db import migrations, models

COUNT = """
ALTER TABLE billing_latefeecharge DISABLE TRIGGER USER;
UPDATE billing_latefeecharge AS charge SET number = counted.number
FROM (
    SELECT id, row_number() OVER (PARTITION BY principal_id ORDER BY id) - 1 AS number FROM billing_latefeecharge
) AS counted
WHERE counted.id = charge.id AND counted.number > 0;
ALTER TABLE billing_latefeecharge ENABLE TRIGGER USER;
"""
"""Number the charges of each principal as they were made; the guard of append-only rows looks away meanwhile."""


class Migration(migrations.Migration):
    dependencies = [("billing", "0019_pools_shared_again")]

    operations = [
        migrations.RemoveConstraint(model_name="bill", name="billing_bill_once"),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.UniqueConstraint(
                condition=~models.Q(state="void")
                & ~models.Q(schedule__in=["correction", "late_fee", "opening"]),
                fields=("account", "schedule", "period_start"),
                name="billing_bill_once",
            ),
        ),
        migrations.AddField(
            model_name="latefeecharge",
            name="number",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="number"),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="latefeecharge",
            constraint=models.UniqueConstraint(
                fields=("principal", "number"), name="billing_late_fee_charge_once"
            ),
        ),
    ]
