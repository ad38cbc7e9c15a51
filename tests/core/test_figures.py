"""Figures, dates and names as docs/look.md §5 writes them, in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from core import figures
from core.periods import Period

TODAY = date(2026, 11, 12)
NB = "\u00a0"


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("amount", "alone", "column"),
    [
        ("1684.03", "¥1,684.03", "1,684.03"),
        ("0", "¥0.00", "0.00"),
        ("-12", "−¥12.00", "−12.00"),
        ("1234567.8", "¥1,234,567.80", "1,234,567.80"),
    ],
)
def test_format_money_always_has_two_decimals(amount: str, alone: str, column: str) -> None:
    assert figures.format_money(Decimal(amount)) == alone
    assert figures.format_amount(Decimal(amount)) == column


@pytest.mark.usefixtures("chinese")
def test_amounts_in_chinese_sentences() -> None:
    assert figures.format_in_sentence(Decimal("1684.03")) == f"1,684.03{NB}元"
    assert figures.format_change(Decimal(24)) == f"+24.00{NB}元"
    assert figures.format_change(Decimal("-3.08")) == f"−3.08{NB}元"
    assert figures.format_change(Decimal("0.00")) == "不变"
    assert figures.format_comparison(Decimal("25.67"), "水费") == f"比上一期多 25.67{NB}元，主要是水费"
    assert figures.format_comparison(Decimal("-3.08")) == f"比上一期少 3.08{NB}元"
    assert figures.format_comparison(Decimal("0.00"), "水费") == "和上一期一样"


@pytest.mark.usefixtures("english")
def test_amounts_in_english_sentences() -> None:
    assert figures.format_in_sentence(Decimal("1684.03")) == f"1,684.03{NB}yuan"
    assert (
        figures.format_comparison(Decimal("-3.08"), "water")
        == f"3.08{NB}yuan less than last time, mostly for water"
    )
    assert figures.format_change(Decimal("0.00")) == "no change"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("15", "15"),
        ("1108.0000", "1,108"),
        ("0.628300", "0.6283"),
        ("89.56", "89.56"),
        ("100", "100"),
        ("-1.50", "−1.5"),
    ],
)
def test_format_number_drops_idle_zeros_only(value: str, written: str) -> None:
    assert figures.format_number(Decimal(value)) == written


@pytest.mark.parametrize(
    ("area", "written"), [("89.5600", "89.56㎡"), ("100", "100.00㎡"), ("26.5127", "26.5127㎡")]
)
def test_format_area_keeps_four_decimals_when_there_are(area: str, written: str) -> None:
    assert figures.format_area(Decimal(area)) == written


def test_format_rate_has_one_decimal() -> None:
    assert figures.format_rate(Decimal("0.9174")) == "91.7%"


@pytest.mark.usefixtures("chinese")
def test_days_in_chinese_name_the_year_only_when_it_is_another() -> None:
    assert figures.format_day(date(2026, 11, 20), TODAY) == "11月20日 周五"
    assert figures.format_day(date(2027, 1, 3), TODAY) == "2027年1月3日 周日"
    assert figures.format_date(date(2026, 11, 1), TODAY) == "11月1日"
    assert figures.format_date(date(2026, 11, 1)) == "2026年11月1日"
    assert figures.format_month(date(2026, 11, 1), TODAY) == "11月"
    assert figures.format_month(date(2025, 12, 1), TODAY) == "2025年12月"


@pytest.mark.usefixtures("english")
def test_days_in_english_name_the_year_only_when_it_is_another() -> None:
    assert figures.format_day(date(2026, 11, 20), TODAY) == "Fri 20 Nov"
    assert figures.format_day(date(2027, 1, 3), TODAY) == "Sun 3 Jan 2027"
    assert figures.format_month(date(2026, 11, 1)) == "November 2026"


@pytest.mark.parametrize(
    ("start", "end", "chinese_words", "english_words"),
    [
        (date(2026, 11, 1), date(2026, 12, 1), "2026年11月", "November 2026"),
        (date(2026, 10, 1), date(2027, 1, 1), "2026年10月至12月", "October to December 2026"),
        (date(2026, 11, 1), date(2027, 2, 1), "2026年11月至2027年1月", "November 2026 to January 2027"),
        (date(2026, 1, 1), date(2027, 1, 1), "2026年", "2026"),
        (
            date(2026, 9, 26),
            date(2026, 10, 26),
            "2026年9月26日至2026年10月25日",
            "26 Sep 2026 to 25 Oct 2026",
        ),
    ],
)
def test_format_period_names_months_and_years(
    start: date, end: date, chinese_words: str, english_words: str
) -> None:
    for language, words in (("zh-hans", chinese_words), ("en", english_words)):
        with translation.override(language):
            assert figures.format_period(Period(start, end)) == words


@pytest.mark.usefixtures("chinese")
def test_format_span_includes_both_days() -> None:
    assert figures.format_span(date(2026, 9, 26), date(2026, 10, 25), TODAY) == "9月26日至10月25日"


@pytest.mark.usefixtures("chinese")
def test_format_moment_is_the_wall_clock_of_shanghai() -> None:
    assert figures.format_moment(datetime(2026, 11, 29, 16, 30, tzinfo=UTC), TODAY) == "11月30日 00:30"
    assert figures.format_moment(datetime(2026, 11, 30, 9, 12), TODAY) == "11月30日 09:12"


def test_group_digits_parts_a_bill_number_into_fours() -> None:
    assert figures.group_digits("2611080203013") == f"2611{NB}0802{NB}0301{NB}3"


def test_join_units_binds_a_number_to_its_unit_only() -> None:
    assert figures.join_units("7 吨进了第二阶，89.56 × 2.35 元") == f"7{NB}吨进了第二阶，89.56 × 2.35{NB}元"
