"""Receipts, their prints and prepayments never change (P-02); of a notice only what we made of it does."""

from django.db import migrations

from core.triggers import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("core", "0002_append_only_audit")]

    operations = [
        AppendOnly("payments_receipt"),
        AppendOnly("payments_receiptprint"),
        AppendOnly("payments_prepaymententry"),
        AppendOnly("payments_gatewaynotice", mutable=("state", "reason", "notice_id", "intent_id")),
    ]
