"""What a reader may wish to pay, and what is refused in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import Http404, QueryDict
from django.utils import timezone

from portal.readers import Owner
from portal.selectors.wishes import (
    NothingOpenError,
    UnclearWishError,
    read_amounts,
    read_part,
    read_wish,
    wish_again,
)
from tests.payments.world import make_world
from tests.portal.conftest import PHONE
from users.services.owners import find_or_create_owner


@pytest.fixture
def reader(world) -> Owner:
    return Owner(find_or_create_owner(phone=PHONE), timezone.now(), elder=False)


def lines_of(bill) -> list[int]:
    return list(bill.lines.order_by("fee_item__rank").values_list("pk", flat=True))


def test_read_wish_of_nothing_said_is_everything_open(reader, bills):
    assert read_wish(reader, QueryDict("")).total == Decimal("580.94")


def test_read_wish_of_a_bill(reader, bills):
    wish = read_wish(reader, QueryDict(f"bill={bills[1].number}"))
    assert (wish.total, wish.bill_numbers) == (Decimal("290.47"), (bills[1].number,))


def test_read_wish_of_ticks_over_two_units(reader, bills):
    first, second = lines_of(bills[0])[0], lines_of(bills[1])[1]
    wish = read_wish(reader, QueryDict(f"picked=1&line={first}&line={second}"))
    assert wish.amounts == {first: Decimal("210.47"), second: Decimal("80.00")}


def test_read_wish_of_a_part_goes_to_the_lines_in_order(reader, bills):
    wish = read_wish(reader, QueryDict(f"bill={bills[0].number}&part=250"))
    first, second = lines_of(bills[0])
    assert wish.amounts == {first: Decimal("210.47"), second: Decimal("39.53")}


def test_read_wish_of_a_part_that_ends_before_the_last_line_leaves_it_out(reader, bills):
    wish = read_wish(reader, QueryDict(f"bill={bills[0].number}&part=210.47"))
    assert wish.amounts == {lines_of(bills[0])[0]: Decimal("210.47")}


def test_read_wish_does_not_see_lines_of_others(reader, bills):
    with pytest.raises(NothingOpenError):
        read_wish(reader, QueryDict(f"picked=1&line={lines_of(bills[2])[0]}"))


def test_read_wish_of_a_bill_of_others_is_not_found(reader, bills):
    with pytest.raises(Http404):
        read_wish(reader, QueryDict(f"bill={bills[2].number}"))


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ("picked=1", "还没有选"),
        ("part=580.95", "比勾选的多了，勾选的一共 580.94\xa0元"),
        ("part=abc", "“abc”不像一个金额"),
        ("part=-5", "“-5”不像一个金额"),
        ("part=1.005", "“1.005”不像一个金额"),
        ("part=0", "“0”不像一个金额"),
        ("part=1e3", "“1e3”不像一个金额"),
    ],
)
def test_read_wish_that_cannot_be_paid_says_why(reader, bills, sent, says):
    with pytest.raises(UnclearWishError, match=says):
        read_wish(reader, QueryDict(sent))


def test_read_wish_over_two_communities_is_refused(reader, bills):
    other = make_world("songlin")
    payer = other.accounts[0].payer
    payer.phone = PHONE
    payer.save()
    other.bill(other.accounts[0], "10.00")
    both = Owner(find_or_create_owner(phone=PHONE), timezone.now(), elder=False)
    with pytest.raises(UnclearWishError, match="两个小区"):
        read_wish(both, QueryDict(""))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("300", "300"),
        (" 1,200.5 ", "1200.5"),
        ("¥300.50", "300.50"),
        ("３００元", "300"),
        ("", None),
        ("  ", None),
    ],
)
def test_read_part_as_people_write_it(text, amount):
    assert read_part(text) == (amount and Decimal(amount))


def test_read_amounts_takes_back_what_the_page_sent(reader, bills):
    first, second = lines_of(bills[0])
    sent = QueryDict(f"part-of={first}:210.47&part-of={second}:1.00")
    assert read_amounts(reader, sent) == {first: Decimal("210.47"), second: Decimal("1.00")}


@pytest.mark.parametrize(
    "sent", ["", "part-of=", "part-of=1", "part-of=x:1.00", "part-of=1:NaN", "part-of=1:1.000"]
)
def test_read_amounts_of_a_bent_form_is_not_found(reader, bills, sent):
    with pytest.raises(Http404):
        read_amounts(reader, QueryDict(sent))


def test_read_amounts_with_one_line_of_others_is_not_found(reader, bills):
    own, others = lines_of(bills[0])[0], lines_of(bills[2])[0]
    with pytest.raises(Http404):
        read_amounts(reader, QueryDict(f"part-of={own}:1.00&part-of={others}:1.00"))


def test_wish_again_is_never_more_than_what_is_open(bills):
    first, second = lines_of(bills[0])
    again = wish_again({first: Decimal("999.00"), second: None})
    assert again.amounts == {first: Decimal("210.47"), second: Decimal("80.00")}
