"""Who acts: the log-in behind a request."""

from django.http import HttpRequest

from users.models import User


def acting_user(request: HttpRequest) -> User:
    """The log-in behind a request that the door has already let in.

    Raises:
        TypeError: nobody is logged in; the view lacks its declaration of access.
    """
    if not isinstance(request.user, User):
        raise TypeError("this view let a stranger in")
    return request.user
