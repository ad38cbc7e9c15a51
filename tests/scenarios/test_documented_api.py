"""The examples of docs/api.md are played as they are written, and every route of the API is on the page."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from billing.models import FeeItem
from billing.services.run import bill_period
from core.periods import Period
from core.tables.reader import open_bytes
from estates.models import Community, VacancyPolicy
from tests.scenarios.documented import found_garden, importers
from tests.staff import member
from users.roles import Role

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"^    (\w+) (GET|POST) (\S+)(?: (\{.*\}))? → (\d+)((?:, (?:first )?\w+ is \{\w+\})*)$", re.MULTILINE
)
GIVEN = re.compile(r"(first )?(\w+) is \{(\w+)\}")
NAME = re.compile(r"\{(\w+)\}")
NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)
JOINED = "房号,楼层,业态,建筑面积,业主姓名,手机,交房日期\n8-2-303,3,高层,90.00,赵敏,13800000303,2020-06-30\n"


@pytest.fixture
def garden(db: None) -> Iterator[Community]:
    """The community of the example files on 5 November 2026: billed to November, December as drafts."""
    with time_machine.travel(NOW, tick=False):
        community = found_garden(now=NOW, but=("changes",))
        FeeItem.objects.filter(community=community, code="wuye").update(honours_vacancy=True)
        VacancyPolicy.objects.create(
            community=community, start=date(2020, 1, 1), share=Decimal("0.7"), months=0
        )
        bill(community, "2026-10")
        importers(community, NOW)["roster"](open_bytes(JOINED.encode(), "303.csv"))
        bill(community, "2026-10")
        bill(community, "2026-11")
        bill(community, "2026-12", issue=False)
        yield community


def bill(community: Community, month: str, *, issue: bool = True) -> None:
    bill_period(community=community, period=Period.month(month), now=NOW, by="", issue=issue)


def test_examples_answer_as_they_are_shown(garden: Community) -> None:
    people = {role.value: member(role, garden, f"{role.value}-garden") for role in Role if role != Role.OWNER}
    known: dict[str, str] = {}
    keys = count()
    for who, method, path, words, status, given in EXAMPLE.findall(PAGE):
        answer = call(people[who], method, fill(path, known), fill(words, known), key=f"key-{next(keys)}")
        assert (path, answer.status_code, answer.content.decode()) == (
            path,
            int(status),
            answer.content.decode(),
        )
        for first, field, name in GIVEN.findall(given):
            thing = answer.json()["results"][0] if first else answer.json()
            known[name] = str(thing[field])


def fill(text: str, known: dict[str, str]) -> str:
    return NAME.sub(lambda found: known.get(found[1], found[0]), text)


def call(client: Client, method: str, path: str, words: str, *, key: str) -> Any:
    if method == "GET":
        return client.get(path)
    body = json.loads(words) if words else {}
    return client.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern) and here.startswith("api/"):
            yield "/" + re.sub(r"<\w+:\w+>|<\w+>", "*", here)


def test_every_route_of_the_api_is_on_the_page() -> None:
    table = PAGE[: PAGE.index("## Examples")]
    named = set()
    for row in table.splitlines():
        base = ""
        for word in re.findall(r"`([/…][^`?]*)[^`]*`", row):
            base = word if word.startswith("/") else base
            named.add(re.sub(r"\{\w+\}", "*", word))
            root = re.match(r"/api/[\w-]+/\{\w+\}/", base)
            named.add(re.sub(r"\{\w+\}", "*", word.replace("…/", root[0] if root else base)))
            named.add(re.sub(r"\{\w+\}", "*", word.replace("…/", base)))
    assert set(routes(get_resolver().url_patterns)) - named - {"/api/schema/"} == set()
