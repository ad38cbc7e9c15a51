"""How long a roster of 50,000 rows takes from the file to the register."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO

import xlsxwriter
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.protocol import Measurement, Wanted, bench, stopwatch
from core.bulk import copy_rows
from core.tables.reader import open_bytes
from estates.models import Building, Community, Company, Occupancy, Person, Unit
from estates.services.roster import import_roster

ROWS = 50_000
AT_MOST = 4.0
TABLES = (Building, Unit, Person, Occupancy)
HEAD = (
    "楼栋", "单元", "房号", "楼层", "业态", "建筑面积", "套内面积", "房屋状态", "交房日期", "业主姓名",
    "手机号", "身份证号",
)  # fmt: skip


@bench("roster.import")
def measure_import(wanted: Wanted) -> Iterator[Measurement]:
    """The whole import, file and checks included, against COPY of the rows it writes into equally filled tables."""
    data = write_roster()
    community = open_community("filled")
    take_in(community, data)
    make_copies()
    with stopwatch() as whole:
        take_in(open_community("measured"), data)
    rows = read_new_rows()
    with stopwatch() as bare:
        copy_tables(rows)
    with stopwatch() as again:
        take_in(community, data)
    name = f"roster.import.{ROWS}"
    if wanted(name):
        note = f"the same file again, which changes nothing: {again.seconds:.2f} s"
        yield Measurement(name, ROWS, whole.seconds, bare.seconds, at_most=AT_MOST, note=note)


def write_roster() -> bytes:
    """Return a workbook of 50,000 flats, each with an owner of its own."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("房屋")
        sheet.write_row(0, 0, HEAD)
        for number in range(ROWS):
            sheet.write_row(number + 1, 0, flat(number))
    return file.getvalue()


def flat(number: int) -> tuple[object, ...]:
    """Return the row of one flat: 25 floors of 4 flats, 2 stairs a building."""
    building, rest = divmod(number, 200)
    stair, rest = divmod(rest, 100)
    floor, door = divmod(rest, 4)
    area = 600_000 + number * 7919 % 900_000
    return (
        f"{building + 1}栋", f"{stair + 1}单元", f"{floor + 1}0{door + 1}", floor + 1, "高层", area / 10_000,
        area * 8 // 10 / 10_000, "已入住", f"20{10 + number % 10}-0{1 + number % 9}-15", f"业主{number}",
        str(13_800_000_000 + number), f"320101198001{number:06d}",
    )  # fmt: skip


def open_community(code: str) -> Community:
    """Return a community of a company of its own."""
    company = Company.objects.create(name=code)
    return Community.objects.create(company=company, code=code, name=code)


def take_in(community: Community, data: bytes) -> None:
    """Import the file as the command does."""
    now = timezone.now()
    file = open_bytes(data, "roster.xlsx")
    import_roster(community=community, file=file, by=None, today=date(2026, 9, 1), now=now)


def make_copies() -> None:
    """Make tables like the four of the register, with every index, key and check, as full as they are now."""
    with connection.cursor() as cursor:
        for model in TABLES:
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
            cursor.execute(f"INSERT INTO copy_{table} SELECT * FROM {table}")
            for clause in foreign_keys(table):
                cursor.execute(f"ALTER TABLE copy_{table} ADD {clause}")
        cursor.execute("VACUUM ANALYZE")


def foreign_keys(table: str) -> list[str]:
    """Return the foreign keys of a table as clauses that point to the copies where there are copies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            [table],
        )
        clauses = [clause for (clause,) in cursor.fetchall()]
    for model in TABLES:
        name = model._meta.db_table
        clauses = [clause.replace(f" {name}(", f" copy_{name}(") for clause in clauses]
    return clauses


def read_new_rows() -> dict[str, dict[str, Sequence[object]]]:
    """Return the rows that the copies lack, by table, as columns."""
    tables = {}
    for model in TABLES:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} WHERE id NOT IN (SELECT id FROM copy_{table}) ORDER BY id")
            names = [column.name for column in cursor.description or ()]
            tables[f"copy_{table}"] = dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=True))
    return tables


def copy_tables(tables: Mapping[str, Mapping[str, Sequence[object]]]) -> None:
    """Write the rows with COPY in one transaction, and nothing else."""
    with transaction.atomic():
        for table, columns in tables.items():
            copy_rows(table, columns)
