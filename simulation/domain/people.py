"""Names and phones for the synthetic community. The phones belong to nobody: their range is not given out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
    "彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
)
GIVEN = (
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超霞平刚桂英华玉兰红梅建国志"
    "文慧雪晓东海燕鹏辉云飞宇晨欣怡子涵梓轩浩然思雨嘉诺一凡"
)
WITHOUT_PHONE = 0.03


@dataclass(frozen=True)
class Resident:
    """An owner: a name, and a phone unless the company never got one."""

    name: str
    phone: str


def draw_name(random: np.random.Generator) -> str:
    """A family name and one or two characters."""
    length = int(random.integers(1, 3))
    given = "".join(GIVEN[int(index)] for index in random.integers(len(GIVEN), size=length))
    return FAMILY_NAMES[int(random.integers(len(FAMILY_NAMES)))] + given


def draw_resident(number: int, random: np.random.Generator) -> Resident:
    """The owner of the unit with this number; every number has a phone of its own."""
    has_phone = random.random() >= WITHOUT_PHONE
    return Resident(draw_name(random), phone_of(number) if has_phone else "")


def phone_of(number: int) -> str:
    """The phone that belongs to a number.

    >>> phone_of(1), phone_of(1200)
    ('13900000001', '13900001200')
    """
    return f"139{number:08d}"
