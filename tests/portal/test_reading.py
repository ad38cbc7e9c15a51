"""What an owner, a link and a stranger can read."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.links import make_pay_link
from billing.models import ChargeAccount
from core.phones import mask_name
from estates.models import Occupancy, Person
from messaging.models import OutboundMessage
from payments.gateways.interface import Scene
from payments.models import Receipt
from payments.services.intents import create_intent
from payments.services.queries import query_intent
from payments.services.starting import PayerPlace, start_payment
from portal.urls import urlpatterns
from tests.portal.conftest import BACKEND, PHONE, route, token_for
from users.services.owners import find_or_create_owner


def test_show_home_sums_what_is_open_over_all_units(owner, bills):
    html = owner.get(route("home")).content.decode()
    assert "580.94" in html
    assert "309.45" not in html


def test_show_home_of_a_stranger_leads_to_the_log_in(bills):
    answer = Client().get(route("home"))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{route('login')}?next=/")


def test_show_bill_lists_its_lines(owner, bills):
    html = owner.get(route("bill", bills[0].number)).content.decode()
    assert "290.47" in html
    assert "210.47" in html


def test_show_bill_of_another_owner_is_not_found(owner, bills):
    assert owner.get(route("bill", bills[2].number)).status_code == 404


def test_link_opens_its_bill_without_a_log_in_and_masks_names(bills):
    html = Client().get(route("pay", token_for(bills[2].pk))).content.decode()
    assert "309.45" in html
    assert "李小明" not in html


def test_link_to_two_bills_sums_them(bills):
    html = Client().get(route("pay", token_for(bills[0].pk, bills[1].pk))).content.decode()
    assert "580.94" in html


def test_link_opens_no_other_bill(bills):
    token = token_for(bills[0].pk)
    assert Client().get(route("link-bill", token, bills[2].number)).status_code == 404


def test_link_altered_or_over_is_not_found(bills):
    over = make_pay_link([bills[0].pk], date(2024, 1, 1)).rstrip("/").rsplit("/", 1)[1]
    assert Client().get(route("pay", over)).status_code == 404
    altered = token_for(bills[0].pk)[:-2] + "xx"
    assert Client().get(route("pay", altered)).status_code == 404


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize("page", ["home", "bills", "receipts", "me", "choose", "sum", "family"])
def test_lists_cost_the_same_with_one_bill_and_with_three(owner, world, page):
    world.bill(world.accounts[0], "210.47")
    queries_of(owner, route(page))
    one = queries_of(owner, route(page))
    world.bill(world.accounts[1], "80.00")
    world.bill(world.accounts[0], "90.00")
    assert queries_of(owner, route(page)) == one


def test_show_bill_costs_the_same_with_one_line_and_with_three(owner, world):
    short, long = (
        world.bill(world.accounts[0], "1.00")[0],
        world.bill(world.accounts[0], "1.00", "2.00", "3.00"),
    )
    address = route("bill", short.bill.number)
    queries_of(owner, address)
    assert queries_of(owner, address) == queries_of(owner, route("bill", long[0].bill.number))


@pytest.mark.parametrize("page", ["home", "bills", "choose", "sum", "family"])
def test_page_with_its_style_is_below_30_kilobytes(owner, bills, page):
    style = (Path(django_settings.BASE_DIR) / "static/look/owner.css").read_bytes()
    html = owner.get(route(page)).content
    assert len(gzip.compress(html)) + len(gzip.compress(style)) < 30_000


def test_show_bill_pdf_is_the_paper_of_this_bill_only(owner, bills):
    answer = owner.get(route("bill-pdf", bills[0].number))
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == f'inline; filename="bill-{bills[0].number}.pdf"'
    assert owner.get(route("bill-pdf", bills[2].number)).status_code == 404
    assert Client().get(route("link-bill-pdf", token_for(bills[0].pk), bills[1].number)).status_code == 404


def test_show_family_makes_a_link_to_these_bills_and_no_more(owner, bills, settings):
    settings.PUBLIC_URL = "http://testserver"
    html = owner.get(route("family"), {"bill": bills[1].number}).content.decode()
    link = html.split('<p class="address"')[1].split(">")[1].split("<")[0]
    answer = Client().get(link).content.decode()
    assert bills[1].number in answer
    assert bills[0].number not in answer


def test_show_family_behind_a_link_hands_on_the_same_link(bills):
    token = token_for(bills[0].pk)
    assert token in Client().get(route("link-family", token)).content.decode()


class TestMessage:
    """The link of a message tells that it was opened; paper and links handed on tell nothing."""

    @pytest.fixture
    def message(self, world, bills) -> OutboundMessage:
        return OutboundMessage.objects.create(
            dedupe_key="notice:1",
            community=world.community,
            person=world.accounts[0].payer,
            kind="bill.notice",
            subjects={"bills": [bills[0].pk]},
            state="sent",
            not_before=timezone.now(),
        )

    def follow(self, bill, message: OutboundMessage | None) -> None:
        link = make_pay_link([bill.pk], timezone.localdate(), message_id=message.pk if message else None)
        token = link.rstrip("/").rsplit("/", 1)[1]
        assert Client().get(route("pay", token)).status_code == 200

    def test_is_opened_once(self, bills, message):
        self.follow(bills[0], message)
        self.follow(bills[0], message)
        message.refresh_from_db()
        assert message.state == "opened"
        assert list(message.facts.values_list("state", flat=True)) == ["opened"]

    def test_is_not_opened_by_paper(self, bills, message):
        self.follow(bills[0], None)
        message.refresh_from_db()
        assert message.state == "sent"

    @pytest.mark.parametrize("state", ["planned", "failed", "dropped"])
    def test_that_never_left_is_not_opened(self, bills, message, state):
        OutboundMessage.objects.update(state=state)
        self.follow(bills[0], message)
        message.refresh_from_db()
        assert (message.state, message.facts.count()) == (state, 0)


def test_pages_are_kept_out_of_caches_and_links_out_of_search_engines(owner, bills):
    assert "no-store" in owner.get(route("home"))["Cache-Control"]
    answer = Client().get(route("pay", token_for(bills[0].pk)))
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-store", "noindex")


class TestSale:
    """The first flat is sold: its old bills stay with whoever owed them."""

    @pytest.fixture
    def heir(self, world, bills) -> Client:
        today, old = timezone.localdate(), world.accounts[0]
        buyer = Person.objects.create(company=world.company, name="孙新", phone="13911112222")
        Occupancy.objects.filter(unit=old.unit).update(end=today)
        ChargeAccount.objects.filter(pk=old.pk).update(end=today)
        Occupancy.objects.create(unit=old.unit, person=buyer, is_payer=True, start=today)
        account = ChargeAccount.objects.create(
            community=world.community, unit=old.unit, payer=buyer, start=today
        )
        self.new_bill = world.bill(account, "55.00")[0].bill
        client = Client()
        client.force_login(find_or_create_owner(phone="13911112222"), backend=BACKEND)
        return client

    def test_the_buyer_never_sees_the_old_bills(self, heir, bills):
        assert heir.get(route("bill", bills[0].number)).status_code == 404
        assert bills[0].number not in heir.get(route("bills")).content.decode()
        assert heir.get(route("bill", self.new_bill.number)).status_code == 200

    def test_the_seller_keeps_them_and_sees_none_of_the_buyers(self, heir, owner, bills):
        assert owner.get(route("bill", bills[0].number)).status_code == 200
        assert owner.get(route("bill", self.new_bill.number)).status_code == 404

    def test_the_sold_flat_is_not_the_sellers_any_more(self, heir, owner, world):
        sold, kept = (account.unit.label for account in world.accounts[:2])
        html = owner.get(route("me")).content.decode()
        assert sold not in html
        assert kept in html


def test_show_me_masks_name_and_phone(owner, world):
    html = owner.get(route("me")).content.decode()
    assert mask_name("吴建国") in html
    assert "吴建国" not in html
    assert PHONE not in html


def test_elder_switch_is_remembered_with_the_log_in(owner, bills):
    owner.post(route("elder"), {"elder": "1", "next": route("home")})
    assert 'class="elder"' in owner.get(route("home")).content.decode()
    owner.post(route("elder"), {"elder": "0", "next": route("home")})
    assert 'class="elder"' not in owner.get(route("home")).content.decode()


def test_elder_switch_leads_to_no_other_site(owner):
    answer = owner.post(route("elder"), {"elder": "1", "next": "https://evil.example/"})
    assert answer.url == route("home")


def test_language_switch_is_remembered_with_the_log_in_and_in_the_browser(owner, bills):
    owner.post(route("language"), {"language": "en", "next": route("home")})
    assert "My units" in owner.get(route("home")).content.decode()
    stranger = Client()
    stranger.post(route("language"), {"language": "en", "next": "/"})
    assert "Hello, neighbour" in stranger.get(route("login")).content.decode()


def test_language_switch_to_one_we_do_not_speak_stays_chinese(owner, bills):
    owner.post(route("language"), {"language": "xx", "next": route("home")})
    assert "我的房子" in owner.get(route("home")).content.decode()


class TestIdsOfOthers:
    """S-01: every route that takes an id answers 404 for what belongs to somebody else."""

    @pytest.fixture
    def theirs(self, world, bills, platform) -> dict[str, object]:
        """A bill, a receipt and a payment of the stranger."""
        line = bills[2].lines.get()
        intent = create_intent(
            wanted={line.pk: None}, gateway="wechat", now=timezone.now(), opened_by_link=True
        )
        intent = start_payment(intent_id=intent.pk, place=PayerPlace(Scene.QR), now=timezone.now()).intent
        platform.turn("pay", number=intent.number, callback=False)
        query_intent(intent_id=intent.pk, now=timezone.now())
        receipt = Receipt.objects.get()
        return {"bill": bills[2].number, "receipt": receipt.pk, "payment": intent.number}

    ROUTES = (
        ("bill", "bill"),
        ("bill-pdf", "bill"),
        ("payment", "payment"),
        ("drop", "payment"),
        ("receipt", "receipt"),
        ("receipt-pdf", "receipt"),
    )

    @pytest.mark.parametrize(("name", "kind"), ROUTES)
    def test_are_not_found(self, owner, bills, theirs, name, kind):
        assert owner.get(route(name, theirs[kind])).status_code == 404
        assert owner.post(route(name, theirs[kind])).status_code == 404
        own = token_for(bills[0].pk, bills[1].pk)
        assert Client().get(route(f"link-{name}", own, theirs[kind])).status_code == 404

    @pytest.mark.parametrize(("name", "kind"), ROUTES)
    def test_are_found_by_whoever_they_belong_to(self, bills, theirs, name, kind):
        own = token_for(bills[2].pk)
        assert Client().get(route(f"link-{name}", own, theirs[kind])).status_code in {200, 302}

    def test_every_route_with_an_id_is_asked(self):
        with_ids = {str(pattern.name) for pattern in urlpatterns if str(pattern.pattern).count("<") == 1}
        links = {"pay"} | {name for name in with_ids if name.startswith("link-")}
        assert with_ids - links == {name for name, _kind in self.ROUTES} | {*self.OF_ACCOUNTS, "pools-pdf"}

    def test_shared_costs_are_of_ones_own_community(self, owner, bills):
        assert owner.get(route("pools-pdf", "elsewhere")).status_code == 404

    OF_ACCOUNTS = ("statement", "statement-pdf")

    @pytest.mark.parametrize("name", OF_ACCOUNTS)
    def test_statements_are_of_ones_own_accounts(self, owner, world, bills, name):
        assert owner.get(route(name, bills[0].account_id)).status_code == 200
        assert owner.get(route(name, bills[2].account_id)).status_code == 404
