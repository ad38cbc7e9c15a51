"""Routes. Each app keeps its own in `<app>/urls.py`; this file only says under which prefix."""

from django.contrib import admin
from django.urls import include, path

from config.health import show_health
from config.language import choose_language
from config.schema import SchemaView

urlpatterns = [
    path("", include("estates.urls")),
    path("", include("ledger.urls")),
    path("", include("billing.urls")),
    path("", include("payments.urls")),
    path("", include("dashboards.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("health/", show_health, name="health"),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("", include("portal.urls")),
]
