from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_one_coefficient")]

    operations = [
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["community", "due_on"], name="billing_bill_due"),
        ),
    ]
