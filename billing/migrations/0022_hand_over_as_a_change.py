from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0021_run_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="unitchange",
            name="was_refused",
            field=models.BooleanField(default=False, verbose_name="the owner refused to take it over"),
        ),
        migrations.AlterField(
            model_name="unitchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("transfer", "change of owner"),
                    ("vacancy", "vacancy"),
                    ("pause", "pause of the late fee"),
                    ("area", "measured area"),
                    ("hand_over", "hand-over"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
