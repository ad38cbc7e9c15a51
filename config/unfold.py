"""How the staff pages look: django-unfold with the colours of static/look/staff.css (look: 600 is pine)."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

STEPS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")
PINE = "#eef6f4 #d8ebe6 #b3d7cf #84bdb2 #4f9d90 #2a7f74 #17645c #13534d #0f4a44 #0d3b37 #062420"
SLATE = "#f6f8f7 #edf1ef #dde4e0 #c3cec9 #7f9089 #5f6e6a #4a5956 #374542 #26322f #1b2927 #0f1816"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Nuanlin"),
    "SITE_HEADER": _("Nuanlin"),
    "SITE_SUBHEADER": _("Property fees, done kindly"),
    "SITE_URL": None,
    "SITE_SYMBOL": "home_work",
    "SITE_ICON": lambda request: static("look/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("look/mark.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": dict(zip(STEPS, PINE.split(), strict=True)),
        "base": dict(zip(STEPS, SLATE.split(), strict=True)),
    },
    "STYLES": [lambda request: static("look/staff.css")],
    "SCRIPTS": [lambda request: static("look/staff.js")],
    "DASHBOARD_CALLBACK": "dashboards.views.fill_home",
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "config.menu.list_groups"},
}
