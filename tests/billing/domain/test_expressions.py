"""Formulae: what they come to, how they are written again, and where reading stops."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.expressions import DEEPEST, LONGEST, NAMES, ExpressionError, parse
from billing.domain.second_reading import compute_again, put_in

VALUES = {
    "area": Fraction("89.56"),
    "inner_area": Fraction("70.5"),
    "floor": Fraction(3),
    "households": Fraction(1),
    "months": Fraction(3),
    "use": Fraction("15.5"),
    "coefficient": Fraction("1.2"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("area * 2.1 + if(floor > 1, 5, 0)", "193.076"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("12 / 4 / 3", "1"),
        ("2 - -3", "5"),
        ("-2 * 3", "-6"),
        ("-(2 + 3) * 2", "-10"),
        (".5 * 4", "2"),
        ("1 / 3 * 3", "1"),
        ("0.15 * 130.70", "19.605"),
        ("min(area, 50, 60)", "50"),
        ("max(area, 100) * 2", "200"),
        ("round(area)", "90"),
        ("round(area, 1)", "89.6"),
        ("round(0.125, 2)", "0.13"),
        ("round(-0.125, 2)", "-0.13"),
        ("round(1 / 3, 4)", "0.3333"),
        ("if(area >= 89.56, 1, 2)", "1"),
        ("if(area = 89.56, 1, 2)", "1"),
        ("if(area != 89.56, 1, 2)", "2"),
        ("if(floor < 1, 0, if(floor <= 3, 20, 40))", "20"),
        ("if(floor = 0, 1 / 0.0001, 7)", "7"),
        ("if(floor = 3, 7, 1 / (floor - 3))", "7"),
        ("面积×2.1＋如果（楼层＞1，5，0）", "193.076"),
        ("套内面积*系数 + 户数", "85.6"),
        ("use * 3.2 + months", "52.6"),
        ("AREA", "89.56"),
    ],
)
def test_compute(text: str, expected: str) -> None:
    expression = parse(text)
    assert expression.compute(VALUES) == Fraction(expected)
    assert compute_again(expression.write(), VALUES) == Fraction(expected)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "expression_empty", 1),
        ("   ", "expression_empty", 1),
        ("area *", "expression_ends_early", 6),
        ("area * * 2", "expression_value_missing", 8),
        ("area 2", "expression_two_values", 6),
        ("2area", "expression_two_values", 2),
        ("area ** 2", "expression_value_missing", 7),
        ("area % 2", "expression_sign", 6),
        ("1.2.3", "expression_two_values", 4),
        ("area; 2", "expression_sign", 5),
        ("areas * 2", "expression_unknown_name", 1),
        ("2 + sqrt(4)", "expression_unknown_name", 5),
        ("__import__('os')", "expression_sign", 12),
        ("min", "expression_unknown_name", 1),
        ("(area + 2", "expression_not_closed", 1),
        ("max(area, 2", "expression_not_closed", 4),
        ("area + 2)", "expression_not_opened", 9),
        ("max(1 2)", "expression_two_values", 7),
        ("1 < area < 3", "expression_chain", 10),
        ("area > 3", "expression_comparison_as_value", 1),
        ("5 * (floor > 1)", "expression_comparison_as_value", 6),
        ("if(floor, 1, 2)", "expression_no_comparison", 4),
        ("if(floor > 1, 2)", "expression_arguments", 1),
        ("2 + max(1)", "expression_arguments", 5),
        ("round(area, 7)", "expression_places", 13),
        ("round(area, floor)", "expression_places", 13),
        ("round(area, 1, 2)", "expression_arguments", 1),
        ("area / 0", "expression_by_zero", 8),
        ("1 + " * 80 + "1", "expression_too_long", LONGEST + 1),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), "expression_too_deep", DEEPEST + 1),
        ("-" * (DEEPEST + 1) + "1", "expression_too_deep", DEEPEST + 1),
    ],
)
def test_parse_says_where_it_stops(text: str, code: str, position: int) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert (error.value.code, error.value.position) == (code, position)


def test_parse_quotes_what_stands_there() -> None:
    with pytest.raises(ExpressionError) as error:
        parse("area * ? 2 + something long")
    assert error.value.near == "? 2 + someth"


def test_compute_divides_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        parse("100 / (floor - 3)").compute(VALUES)


@pytest.mark.parametrize(
    ("text", "is_of_period"), [("area * 2", False), ("area * months", True), ("use * 3", True)]
)
def test_formula_is_of_period(text: str, is_of_period: bool) -> None:
    assert parse(text).is_of_period is is_of_period


def test_put_in() -> None:
    written = parse("area*2.1+if(floor>1,5,0)").write()
    assert put_in(written, {"area": "89.56", "floor": "3"}) == "89.56 * 2.1 + if(3 > 1, 5, 0)"
    assert parse(written).write({"area": "89.56", "floor": "3"}) == "89.56 * 2.1 + if(3 > 1, 5, 0)"


def texts(depth: int = 3) -> st.SearchStrategy[str]:
    """Any formula, by its grammar."""
    leaves = st.one_of(
        st.decimals(min_value=0, max_value=999, places=3).map(str),
        st.sampled_from(sorted(set(NAMES.values()))),
    )
    if not depth:
        return leaves
    part = texts(depth - 1)
    compared = st.tuples(part, st.sampled_from(["<", "<=", "=", "!=", ">=", ">"]), part).map(" ".join)
    return st.one_of(
        leaves,
        part.map(lambda text: f"-({text})"),
        st.tuples(part, st.sampled_from("+-*/"), part).map(
            lambda parts: f"({parts[0]}){parts[1]}({parts[2]})"
        ),
        st.tuples(st.sampled_from(["min", "max"]), part, part).map(lambda p: f"{p[0]}({p[1]},{p[2]})"),
        st.tuples(part, st.integers(0, 6)).map(lambda p: f"round({p[0]}, {p[1]})"),
        st.tuples(compared, part, part).map(lambda p: f"if({p[0]}, {p[1]}, {p[2]})"),
    )


@given(texts())
def test_two_readings_agree_and_writing_changes_nothing(text: str) -> None:
    try:
        expression = parse(text)
        expected = expression.compute(VALUES)
    except (ExpressionError, ZeroDivisionError):
        return
    written = expression.write()
    assert len(written) > LONGEST or parse(written).write() == written
    assert compute_again(written, VALUES) == expected


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    position = 1
    try:
        parse(text)
    except ExpressionError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1
