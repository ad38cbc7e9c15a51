"""The Content-Security-Policy: strict (settings), looser only where the staff pages' Alpine needs it."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

STAFF_PAGES = "/admin/"
STAFF_DIRECTIVES = {
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
}


class ContentSecurityMiddleware(CSPMiddleware):
    """Sends the strict policy; under /admin/ the one that lets django-unfold's scripts run."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(STAFF_PAGES) and not parts.config:
            parts.config = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | STAFF_DIRECTIVES
        return parts
