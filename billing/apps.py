from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Registers the app with Django."""

    name = "billing"
    verbose_name = _("Billing")
