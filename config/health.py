from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from core.access import public


@public("health probe of the balancer: says nothing but whether the engines answer")
def show_health(request: HttpRequest) -> JsonResponse:
    """Say whether PostgreSQL and Valkey answer: 200 when PostgreSQL does, else 503.

    Money pages work without Valkey, so its absence is shown and does not take the web out of the balancer.
    """
    database, jobs = database_answers(), jobs_answer()
    return JsonResponse({"database": database, "jobs": jobs}, status=200 if database else 503)


def database_answers() -> bool:
    """Whether PostgreSQL runs a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def jobs_answer() -> bool:
    """Whether Valkey can be read now."""
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
