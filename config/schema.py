"""The OpenAPI document of the REST API."""

from drf_spectacular.views import SpectacularAPIView

from core.access import Requires


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 for whoever works with the API; `?format=json` for JSON, YAML otherwise."""

    permission_classes = [Requires]
    permission = "staff.home"
