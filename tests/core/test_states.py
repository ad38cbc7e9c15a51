"""Each state has a shape and a word of its own, for owners and for staff."""

import pytest
from django.template import Context, Template
from django.utils import translation

from core import states


@pytest.mark.parametrize(
    ("name", "days", "instalment", "owner", "staff"),
    [
        ("due", 8, None, "待交，还有 8 天", "待交"),
        ("due", 0, None, "待交，今天到期", "待交"),
        ("due", None, None, "待交", "待交"),
        ("overdue", 12, None, "过了 12 天", "逾期 12 天"),
        ("overdue", None, None, "过了到期日", "逾期"),
        ("paid", None, None, "已交清", "已交清"),
        ("held", None, None, "先不催", "暂停催缴"),
        ("plan", None, 2, "分期中，第 2 期", "分期中"),
        ("disputed", None, None, "您有疑问，在核对", "有异议"),
        ("confirming", None, None, "确认中", "待确认"),
        ("unknown", None, None, "等银行答复", "未知"),
        ("failed", None, None, "没有成功", "失败"),
    ],
)
def test_words_of_each_state(
    name: str, days: int | None, instalment: int | None, owner: str, staff: str
) -> None:
    with translation.override("zh-hans"):
        assert states.word_for_owner(name, days=days, instalment=instalment) == owner
        assert states.word_for_staff(name, days=days) == staff


def test_every_icon_of_a_state_has_a_word() -> None:
    with translation.override("en"):
        assert all(states.word_for_owner(name) and states.word_for_staff(name) for name in states.ICONS)


def test_an_unknown_state_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        states.word_for_owner("late")


def test_state_tag_draws_shape_word_and_class() -> None:
    with translation.override("en"):
        html = Template('{% load look %}{% state "overdue" days=12 %}').render(Context())
    assert html == (
        '<span class="state overdue"><svg class="ico" aria-hidden="true"><use href="#i-over"/></svg>12 days past</span>'
    )


def test_staff_state_tag_draws_the_word_of_the_staff() -> None:
    with translation.override("en"):
        html = Template('{% load look %}{% staff_state "held" %}').render(Context())
    assert html == (
        '<span class="nl-state held"><svg class="ico" aria-hidden="true"><use href="#i-hold"/></svg>'
        "Dunning on hold</span>"
    )
