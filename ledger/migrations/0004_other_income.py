"""Books that are open already get the account for what is kept of deposits."""

from django.db import migrations

OPEN = """
INSERT INTO ledger_ledgeraccount (company_id, code, name, kind)
SELECT DISTINCT company_id, '6051', 'Other income', 'income' FROM ledger_ledgeraccount
ON CONFLICT (company_id, code) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_closed_periods")]

    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
