"""Staff pages of messages: what happened to each, and wording that is checked before it is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from estates.models import Community, Company, Person
from messaging.models import MessageTemplate, OutboundMessage
from messaging.services import deliver
from tests.messaging.conftest import NOON
from tests.staff import sign_in
from users.roles import Role


@pytest.fixture
def admin(community: Community) -> Client:
    """A company admin's browser."""
    return sign_in(Role.COMPANY_ADMIN, community)


LIST = "admin:messaging_outboundmessage_changelist"
CHANGE = "admin:messaging_outboundmessage_change"
ADD_TEMPLATE = "admin:messaging_messagetemplate_add"


def wording(community: Community, **changes: str) -> dict[str, Any]:
    fields = {"kind": "test.notice", "language": "zh-hans", "subject": "账单", "body": "一共 {{ amount }} 元"}
    return {"community": community.pk, **fields, **changes}


def test_list_shows_masked_names_and_reasons_in_words(admin, plan, community):
    stranger = Person.objects.create(company=community.company, name="欧阳修文")
    plan("bill:1", to=stranger)
    deliver(now=NOON)

    html = admin.get(reverse(LIST)).content.decode()

    assert "没有留电话和邮箱" in html
    assert "欧阳修文" not in html


def test_list_of_another_company_is_empty_and_its_message_not_found(plan):
    plan("bill:1")
    other = Company.objects.create(name="别家物业")
    elsewhere = Community.objects.create(company=other, code="other", name="别家小区")
    client = sign_in(Role.COMPANY_ADMIN, elsewhere)

    assert "bill:1" not in client.get(reverse(LIST)).content.decode()
    answer = client.get(reverse(CHANGE, args=[OutboundMessage.objects.get().pk]))
    assert answer.status_code in (302, 404)


def test_send_again_plans_a_failed_message_anew(admin, plan, community):
    stranger = Person.objects.create(company=community.company, name="王芳")
    plan("bill:1", to=stranger)
    deliver(now=NOON)
    message = OutboundMessage.objects.get()

    admin.get(reverse("admin:messaging_outboundmessage_send_again", args=[message.pk]))

    message.refresh_from_db()
    assert message.state == "planned"


def test_send_again_is_not_for_the_cashier(plan, community):
    plan("bill:1")
    message = OutboundMessage.objects.get()
    cashier = sign_in(Role.CASHIER, community)
    answer = cashier.get(reverse("admin:messaging_outboundmessage_send_again", args=[message.pk]))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "再不交将影响征信"}, "征信"),
        ({"subject": "最后通牒"}, "最后通牒"),
        ({"body": "{{ password }}"}, "password"),
    ],
)
def test_template_with_a_threat_or_an_unknown_placeholder_is_refused(admin, community, owner, changes, said):
    answer = admin.post(reverse(ADD_TEMPLATE), wording(community, **changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not MessageTemplate.objects.exists()


def test_template_in_kind_words_is_saved(admin, community, owner):
    answer = admin.post(reverse(ADD_TEMPLATE), wording(community))
    assert answer.status_code == 302
    assert MessageTemplate.objects.get().body == "一共 {{ amount }} 元"
