"""A community lives the year 2025, through the product's own doors; the files its clerk used stay in a folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command

from estates.models import Community
from simulation.domain.community import SyntheticCommunity, draw_community, draw_readings
from simulation.domain.files import READING_HEAD, roster_rows, tariff_rows
from simulation.services.founding import found_community

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


@dataclass(frozen=True)
class Lived:
    """A community that has lived its year, and the folder with its clerk's files."""

    community: Community
    folder: Path

    def export_lines(self, month: date) -> list[dict[str, str]]:
        """Bill a month and return its lines as the export writes them."""
        period, out = f"{month:%Y-%m}", self.folder / f"lines-{month:%Y-%m}.csv"
        where = ("--community", self.community.code, "--period", period)
        call_command("bill", *where, "--json")
        call_command("export", "lines", *where, "--out", str(out), "--json")
        with out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def live(units: int, folder: Path) -> Lived:
    """Found a community of so many units and take in all its clerk's files of the year; nothing is billed yet."""
    plan = draw_community(units, SEED)
    write(folder / "roster.csv", roster_rows(plan))
    write(folder / "tariffs-1.csv", tariff_rows(plan, START))
    community = found_community(plan, start=START).community
    flat = plan.households[0].house.code
    for number, text in enumerate((NEW_TARIFFS.format(flat=flat), ODD_TARIFFS), start=2):
        tariffs = folder / f"tariffs-{number}.csv"
        tariffs.write_text(text, encoding="utf-8")
        take_in(community, "import_tariffs", tariffs)
    for day in [START, *MONTHS]:
        last = day - timedelta(days=1)
        readings = [READING_HEAD, *read_meters(plan, last)]
        take_in(community, "import_readings", write(folder / f"readings-{last}.csv", readings))
    return Lived(community, folder)


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


def take_in(community: Community, command: str, path: Path) -> None:
    """Import a file as a clerk would; a rejected row ends the story."""
    call_command(command, str(path), "--community", community.code, "--json")
