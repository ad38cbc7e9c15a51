import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SEEN = "seen_at"
NOTE_EVERY_SECONDS = 60


class IdleSessionMiddleware:
    """Forgets a session after half an hour without a request (S-23); its 12 hours end by themselves.

    The last request is noted once a minute at most, so that reading pages does not write to the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self.note_request(request, now=int(time.time()))
        return self.get_response(request)

    def note_request(self, request: HttpRequest, *, now: int) -> None:
        """Flush the session when it was idle too long, else note that it is in use."""
        if request.session.is_empty():
            return
        idle = now - request.session.get(SEEN, now)
        if idle > settings.SESSION_IDLE_SECONDS:
            request.session.flush()
        elif idle >= NOTE_EVERY_SECONDS or SEEN not in request.session:
            request.session[SEEN] = now
