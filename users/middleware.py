"""What every request of a log-in goes through."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

VERSION_KEY = "session_version"


class SessionVersionMiddleware:
    """Ends a session that began before the log-in's rights changed (S-04).

    The first request of a session notes the version; a later request with another version is logged out and
    goes on as a stranger.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare the session's version with the log-in's, then pass the request on."""
        if request.user.is_authenticated:
            version = request.user.session_version
            if request.session.setdefault(VERSION_KEY, version) != version:
                logout(request)
        return self._get_response(request)
