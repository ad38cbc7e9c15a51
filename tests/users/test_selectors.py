"""Names as papers print them."""

import pytest

from users.models import User
from users.selectors import get_name_of

pytestmark = pytest.mark.django_db


def test_get_name_of_is_the_name_behind_a_log_in() -> None:
    User.objects.create(username="cashier", last_name="陈", first_name="静")
    User.objects.create(username="nameless")
    assert [get_name_of(name) for name in ("cashier", "nameless", "gone", "")] == [
        "陈静",
        "nameless",
        "gone",
        "",
    ]
