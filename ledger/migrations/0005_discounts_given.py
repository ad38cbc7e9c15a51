"""Books that are open already get the account for discounts."""

from django.db import migrations

OPEN = """
INSERT INTO ledger_ledgeraccount (company_id, code, name, kind)
SELECT DISTINCT company_id, '6003', 'Discounts given', 'income' FROM ledger_ledgeraccount
ON CONFLICT (company_id, code) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_other_income")]

    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
