"""A community lives the year 2025, through the product's own doors; the files its clerk used stay in a folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from time_machine import travel

from estates.models import Community, Meter
from simulation.domain.community import draw_community
from simulation.domain.files import roster_rows, tariff_rows
from simulation.services.founding import found_community
from tests.planner import look_at_the_tables
from tests.recomputation import habits
from tests.recomputation.desk import Desk, on
from tests.recomputation.meters import HEAD, TOPS, Instruments, Swap

SEED = 11
START = date(2024, 12, 1)
MONTHS = [date(2025, month, 1) for month in range(1, 13)]
DEVELOPER = "云杉置业有限公司"

# What the council and the company decided during the year: new prices in the middle of months, fees of other cycles,
# roundings and methods, one flat with a price of its own.
NEW_TARIFFS = """\
code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding
wuye,物业费,month,advance,area,2.35,kind:高层,2024-12-01,2025-06-15,fen
wuye,物业费,month,advance,area,2.48,kind:高层,2025-06-16,,fen
wuye,物业费,month,advance,area,2.00,unit:{flat},2025-03-10,2025-08-20,fen
shui,水费,month,arrears,tiers,water;12:3.45;20:4.83;:5.83,kind:高层,2024-12-01,2025-08-10,fen
shui,水费,month,arrears,tiers,water;10:3.62;20:5.07;:6.12,kind:高层,2025-08-11,,fen
gongdian,公摊电费,month,arrears,pool,E-1;0.6283;area,building:1,2024-12-01,2025-10-08,fen
gongdian,公摊电费,month,arrears,pool,E-1;0.6512;area,building:1,2025-10-09,,fen
lvhua,绿化用水,month,arrears,pool,W-0;3.45;household,*,2024-12-01,,fen
laji,垃圾清运费,quarter,advance,fixed,8,*,2025-01-01,,fen
laji,垃圾清运费,quarter,advance,fixed,24,kind:商铺,2025-01-01,2025-05-09,fen
laji,垃圾清运费,quarter,advance,area,0.31,kind:商铺,2025-05-10,,jiao
zengya,二次加压费,half_year,arrears,area,0.053,kind:高层,2024-12-01,,jiao
menjin,门禁维护费,year,advance,fixed,4.55,building:1,2025-01-01,,yuan
reshui,热水费,month,arrears,meter,heat;28.5,kind:洋房,2024-12-01,2025-04-15,fen
reshui,热水费,month,arrears,meter,heat;31.2,kind:洋房,2025-04-16,,jiao
"""

# Fees by a formula, and fees whose cycles begin with each unit's own hand-over.
ODD_TARIFFS = """\
code,name,cycle,timing,counted_from,method,price,applies_to,effective_from,effective_to,rounding
dianti,电梯费,month,advance,,expression,"area * 0.35 + if(floor > 3, 5, 0)",kind:高层,2024-12-01,2025-07-20,fen
dianti,电梯费,month,advance,,expression,"max(area * 0.37, 40) + if(floor > 3, 6.5, 0)",kind:高层,2025-07-21,,fen
paiwu,污水处理费,month,arrears,,expression,"water;max(use - 3, 0) * 0.95",kind:商铺,2024-12-01,,fen
weibao,家电维保费,year,advance,handover,fixed,12.35,kind:洋房,2024-12-01,,fen
xiaofang,消防检测费,quarter,arrears,handover,area,0.119,kind:办公,2024-12-01,2025-05-14,jiao
xiaofang,消防检测费,quarter,arrears,handover,area,0.127,kind:办公,2025-05-15,,jiao
"""

# Shared as owners agreed: by several keys, from the second floor up, at half weight on the first or by the share still
# due of an empty flat, less a sub-meter and what is lost beyond 4 %.
MIXED_TARIFFS = """\
code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding
shuibeng,水泵电费,month,arrears,pool,E-P;0.71;{pump};agreement=2024-02,kind:高层,2024-12-01,2025-09-12,fen
shuibeng,水泵电费,month,arrears,pool,E-P;0.74;{pump};agreement=2025-09,kind:高层,2025-09-13,,fen
menting,门厅照明,month,arrears,pool,E-L;0.66;{hall},kind:高层,2024-12-01,,jiao
paihong,排洪电费,month,arrears,pool,M-0;0.69;area;less=M-2;common=M-1;loss=4%,kind:洋房,2024-12-01,,fen
"""

PUMP = "area:60+household:40;floor=1*0.5;vacancy=share"
HALL = "fixed({flats[8]}):12.5+use(water):47.5+area:40;floor>=2;agreement=2024-02"

# What happened to single units: flats sold on the first, in the middle and at the end of a month, one empty, one
# measured anew, one all of it in a month; a town house and a shop sold while prices and methods changed; late fees at
# rest.
CHANGES = """\
kind,unit,from,to,value,name,phone,reason
transfer,{flats[1]},2025-04-11,,,赵新一,13900000001,网签合同
transfer,{flats[2]},2025-07-01,,,赵新二,13900000002,网签合同
transfer,{flats[2]},2025-11-30,,,赵新三,13900000003,网签合同
vacancy,{flats[3]},2025-03-10,2025-09-20,0.7,,,空置巡查
area,{flats[4]},2025-05-16,,95.1234,,,实测面积
transfer,{flats[5]},2025-08-20,,,赵新四,13900000004,网签合同
vacancy,{flats[5]},2025-08-01,2025-10-15,0.6,,,空置巡查
area,{flats[5]},2025-08-11,,101.5001,,,实测面积
transfer,{houses[0]},2025-04-20,,,赵新五,13900000005,网签合同
transfer,{shops[0]},2025-05-12,,,赵新六,13900000006,网签合同
pause,{flats[6]},2025-06-01,2025-08-31,,,,投诉处理中
pause,{flats[7]},2025-10-01,,,,,分期计划
"""

# Found out in July, about months whose bills are paid or on their way: sales, a measured area, an empty flat, and a
# flat that was both sold and measured.
FOUND_OUT = date(2025, 7, 6)
LATE_CHANGES = """\
kind,unit,from,to,value,name,phone,reason
transfer,{flats[8]},2025-05-20,,,赵新七,13900000007,判决过户
area,{flats[9]},2025-04-11,,88.8765,,,实测面积
vacancy,{flats[10]},2025-03-05,2025-05-25,0.7,,,补办空置
transfer,{houses[1]},2025-03-18,,,赵新八,13900000008,继承
area,{houses[1]},2025-02-10,,187.3300,,,实测面积
transfer,{shops[1]},2025-04-30,,,赵新九,13900000009,法拍
"""
DOUBTED = frozenset({"far_above_usual"})
"""Why a reading may wait for a person's look."""


@dataclass(frozen=True)
class Lived:
    """A community whose year is under way, and the folder with its clerk's files."""

    community: Community
    instruments: Instruments
    folder: Path
    places: dict[str, list[str]]
    desk: Desk

    def bill(self, month: date) -> list[dict[str, str]]:
        """On the first of a month: read the meters, bill, and return the lines as the export writes them."""
        last = month - timedelta(days=1)
        with travel(on(month), tick=False):
            self.read_meters(last)
            outcome = self.call("bill", "--period", f"{month:%Y-%m}")
        assert "other" not in outcome["differences"], outcome["differences"]
        look_at_the_tables()
        return self.export(f"lines-{month:%Y-%m}.csv", "lines", "--period", f"{month:%Y-%m}")

    def export(self, name: str, *what: str) -> list[dict[str, str]]:
        """Export into a file of the folder and return its rows."""
        self.call("export", *what, "--out", str(self.folder / name))
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def read_meters(self, day: date) -> None:
        """Take the readings of a day in, and leave those in the folder that counted: a doubted one waits."""
        name, written = f"readings-{day}.csv", [HEAD, *self.instruments.read(day)]
        waiting = self.take_in("import_readings", name, written, may_wait=DOUBTED)
        write(self.folder / name, [row for line, row in enumerate(written, start=1) if line not in waiting])

    def change(self, name: str, changes: str, day: date) -> None:
        """Import changes of units on a day, with a second person's consent."""
        rows = csv.reader(StringIO(changes.format(**self.places)))
        with travel(on(day), tick=False):
            self.take_in("import_changes", name, rows, "--approved-by", "manager")

    def take_in(
        self,
        command: str,
        name: str,
        rows: Iterable[Sequence[str]],
        *options: str,
        may_wait: frozenset[str] = frozenset(),
    ) -> set[int]:
        """Import a file as a clerk would; every row must come in, but for reasons it ``may_wait`` for."""
        write(self.folder / name, rows)
        problems = self.call(command, str(self.folder / name), *options)["problems"]
        blocking = {problem["row"]: problem["code"] for problem in problems if problem["blocks"]}
        assert set(blocking.values()) <= may_wait, (name, blocking)
        return set(blocking)

    def call(self, command: str, *arguments: str) -> dict[str, Any]:
        """Run a command of ours and return what it says; rows left out are no failure."""
        said = StringIO()
        with suppress(SystemExit):
            call_command(command, *arguments, "--community", self.community.code, "--json", stdout=said)
        found: dict[str, Any] = json.loads(said.getvalue())
        return found

    def collect(self, month: date, rows: Sequence[dict[str, str]]) -> None:
        """Take in what owners pay of a run, each by his habit, and what some pay ahead; forgive a little in May."""
        habits.use_what_was_paid_ahead(self.desk, month, self.places)
        habits.pay_line_by_line(self.desk, rows[: len(habits.LINE_BY_LINE) * 2])
        habits.pay_whole_bills(self.desk, month, self.places)
        habits.pay_ahead_and_back(self.desk, month, self.places)
        if month.month == 5:
            habits.forgive_some(self.desk, rows[: len(habits.LINE_BY_LINE) * 2], month.replace(day=28))

    def find_out(self) -> None:
        """Hear in July of what changed long ago."""
        self.change("changes-2.csv", LATE_CHANGES, FOUND_OUT)
        self.desk.note_corrections(FOUND_OUT)


def live(units: int, folder: Path) -> Lived:
    """Found a community of so many units with the fees of the year; nothing is billed yet."""
    plan = draw_community(units, SEED)
    write(folder / "roster.csv", roster_rows(plan))
    write(folder / "tariffs-1.csv", tariff_rows(plan, START))
    write(folder / "dials.csv", [("meter", "digits"), *((code, str(n)) for code, n in TOPS.items())])
    kinds = {"flats": "高层", "houses": "洋房", "shops": "商铺"}
    places = {
        name: [h.house.code for h in plan.households if h.house.kind == kind and h.resident]
        for name, kind in kinds.items()
    }
    swaps = {
        "E-P": Swap(date(2025, 5, 31), Decimal("12.5"), 10, Decimal(40)),
        f"W-{places['flats'][9]}": Swap(date(2025, 6, 30), Decimal("0.25"), 1, Decimal(0)),
    }
    founded = found_community(plan, start=START)
    community = founded.community
    lived = Lived(community, Instruments(plan, START, swaps), folder, places, Desk(founded))
    for number, text in enumerate((NEW_TARIFFS, ODD_TARIFFS, MIXED_TARIFFS), start=2):
        rows = csv.reader(
            StringIO(text.format(flat=places["flats"][0], pump=PUMP, hall=HALL.format(**places)))
        )
        lived.take_in("import_tariffs", f"tariffs-{number}.csv", rows)
    lived.change("changes-1.csv", CHANGES, START)
    with travel(on(START), tick=False):
        lived.read_meters(START - timedelta(days=1))
    declare_dials(community)
    habits.agree_on_rules(founded)
    write(folder / "discounts.csv", [habits.RULES_HEAD, habits.FOUNDED_RULE, *habits.RULES])
    return lived


def declare_dials(community: Community) -> None:
    """Write on the meters' pages how many digits their dials have."""
    for code, digits in TOPS.items():
        Meter.objects.filter(community=community, code=code).update(digits=digits)


def write(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
