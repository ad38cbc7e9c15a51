"""A reading to look at is as old as the day it was noticed; a fault may be what came of the look."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("estates", "0005_unit_coefficient"),
    ]

    operations = [
        migrations.RenameField("readingcheck", "noticed_at", "noticed_on"),
        migrations.AlterField("readingcheck", "noticed_on", models.DateField(verbose_name="noticed on")),
        migrations.AlterModelOptions(
            name="readingcheck",
            options={
                "ordering": ["noticed_on", "pk"],
                "verbose_name": "reading to look at",
                "verbose_name_plural": "readings to look at",
            },
        ),
        migrations.AlterField(
            "readingcheck",
            "closed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="settled at"),
        ),
        migrations.AlterField(
            "readingcheck",
            "closed_by",
            models.CharField(blank=True, max_length=150, verbose_name="settled by"),
        ),
        migrations.AlterField(
            model_name="readingcheck",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("confirmed", "right as it is"),
                    ("corrected", "corrected"),
                    ("estimated", "estimated"),
                    ("swapped", "instrument changed"),
                    ("turned", "dial passed its top"),
                    ("misread", "the reading before was wrong"),
                    ("faulty", "a fault recorded"),
                    ("opened", "opening value given"),
                    ("dropped", "left out"),
                ],
                max_length=12,
                verbose_name="outcome",
            ),
        ),
    ]
