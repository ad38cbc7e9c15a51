"""A community lives the year 2025, through the product's own doors; the files its clerk used stay in a folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import connection
from time_machine import travel

from billing.models import ChargeLine
from core.money import round_half_up
from estates.models import Community
from payments.models import Channel
from payments.services.booking import Incoming, book_receipt
from simulation.domain.community import SyntheticCommunity, draw_community, draw_readings
from simulation.domain.files import READING_HEAD, roster_rows, tariff_rows
from simulation.services.founding import found_community

SEED = 11
HABITS: tuple[tuple[tuple[int, Decimal], ...], ...] = (
    ((-3, Decimal(1)),),
    ((15, Decimal(1)),),
    ((16, Decimal(1)),),
    ((40, Decimal("0.5")), (90, Decimal("0.25"))),
    (),
)
"""When an owner pays, in days after the due day, and what share of the line; the last one never does."""
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


def look_at_the_tables() -> None:
    """Let PostgreSQL count its rows, which autovacuum does for it where a year is not one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass(frozen=True)
class Lived:
    """A community whose year is under way, and the folder with its clerk's files."""

    community: Community
    plan: SyntheticCommunity
    folder: Path

    def bill(self, month: date) -> list[dict[str, str]]:
        """On the first of a month: read the meters, bill, and return the lines as the export writes them."""
        last = month - timedelta(days=1)
        with travel(on(month), tick=False):
            self.take_in(
                "import_readings", f"readings-{last}.csv", [READING_HEAD, *read_meters(self.plan, last)]
            )
            self.call("bill", "--period", f"{month:%Y-%m}")
        look_at_the_tables()
        return self.export(f"lines-{month:%Y-%m}.csv", "lines", "--period", f"{month:%Y-%m}")

    def export(self, name: str, *what: str) -> list[dict[str, str]]:
        """Export into a file of the folder and return its rows."""
        self.call("export", *what, "--out", str(self.folder / name))
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def take_in(self, command: str, name: str, rows: Iterable[Sequence[str]], *options: str) -> None:
        """Import a file as a clerk would, and leave in the folder what of it was taken: a doubted reading waits."""
        written = list(rows)
        write(self.folder / name, written)
        problems = self.call(command, str(self.folder / name), *options)["problems"]
        left_out = {problem["row"] for problem in problems if problem["blocks"]}
        write(self.folder / name, [row for line, row in enumerate(written, start=1) if line not in left_out])

    def call(self, command: str, *arguments: str) -> dict[str, Any]:
        """Run a command of ours and return what it says; rows left out are no failure."""
        said = StringIO()
        with suppress(SystemExit):
            call_command(command, *arguments, "--community", self.community.code, "--json", stdout=said)
        found: dict[str, Any] = json.loads(said.getvalue())
        return found

    def collect(self, rows: Sequence[dict[str, str]]) -> list[tuple[str, str, str]]:
        """Take in money for some lines of a bill run, each line by one of HABITS; return rows of payments.csv."""
        paid = []
        lines = ChargeLine.objects.select_related("bill").in_bulk([int(row["line"]) for row in rows])
        for number, row in enumerate(rows):
            for after, share in HABITS[number % len(HABITS)]:
                day = date.fromisoformat(row["due_on"]) + timedelta(days=after)
                amount = round_half_up(Decimal(row["amount"]) * share)
                if amount:
                    take_money(lines[int(row["line"])], amount, day)
                    paid.append((row["line"], f"{day}", f"{amount}"))
        return paid


def take_money(line: ChargeLine, amount: Decimal, day: date) -> None:
    """A transfer whose owner said which line it is for."""
    incoming = Incoming(line.bill.account_id, Channel.TRANSFER, amount, on(day), chosen={line.pk: amount})
    book_receipt(incoming=incoming, now=on(day))


def on(day: date) -> datetime:
    """Two in the morning, where the community is."""
    return datetime.combine(day, time(2), ZoneInfo("Asia/Shanghai"))


def live(units: int, folder: Path) -> Lived:
    """Found a community of so many units with the fees of the year; nothing is billed yet."""
    plan = draw_community(units, SEED)
    write(folder / "roster.csv", roster_rows(plan))
    write(folder / "tariffs-1.csv", tariff_rows(plan, START))
    lived = Lived(found_community(plan, start=START).community, plan, folder)
    kinds = ("高层", "洋房", "商铺")
    flats, houses, shops = (
        [h.house.code for h in plan.households if h.house.kind == k and h.resident] for k in kinds
    )
    for number, text in enumerate((NEW_TARIFFS.format(flat=flats[0]), ODD_TARIFFS), start=2):
        lived.take_in("import_tariffs", f"tariffs-{number}.csv", csv.reader(StringIO(text)))
    changes = CHANGES.format(flats=flats, houses=houses, shops=shops)
    with travel(on(START), tick=False):
        lived.take_in(
            "import_changes", "changes.csv", csv.reader(StringIO(changes)), "--approved-by", "manager"
        )
    before = START - timedelta(days=1)
    with travel(on(START), tick=False):
        lived.take_in("import_readings", f"readings-{before}.csv", [READING_HEAD, *read_meters(plan, before)])
    return lived


def read_meters(plan: SyntheticCommunity, day: date) -> Iterable[Sequence[str]]:
    """What all meters show on a day: those of the simulation, the garden's, and hot water of the town houses."""
    yield from draw_readings(plan, day)
    since = (day - START).days
    yield "", "W-0", "water", f"{day}", f"{5000 + since * 7.3:.1f}"
    for number, household in enumerate(plan.households):
        if household.house.kind == "洋房":
            code = household.house.code
            yield code, f"H-{code}", "heat", f"{day}", f"{40 + number + since * (number % 7) / 60:.2f}"


def write(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
