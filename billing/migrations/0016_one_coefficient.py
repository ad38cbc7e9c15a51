"""A unit's coefficient had two homes; the dated one stays and takes over what the register's said."""

from django.db import migrations

TAKE_OVER = """
    INSERT INTO billing_unitcoefficient (unit_id, name, value, start)
    SELECT unit.id, '', unit.coefficient, '1990-01-01' FROM estates_unit unit
    WHERE unit.coefficient <> 1
      AND NOT EXISTS (SELECT FROM billing_unitcoefficient dated WHERE dated.unit_id = unit.id AND dated.name = '')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0015_one_vocabulary_of_requests"),
        ("estates", "0005_unit_coefficient"),
    ]
    run_before = [("estates", "0010_one_coefficient")]

    operations = [migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop)]
