"""The platform's memory: one SQLite file, one connection, one lock."""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from payments.gateways.sandbox.orders import Order, Refund

ORDER_FIELDS = ", ".join(field.name for field in fields(Order))
REFUND_FIELDS = ", ".join(field.name for field in fields(Refund))
SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS orders ({ORDER_FIELDS}, PRIMARY KEY (platform, merchant_id, number));
CREATE UNIQUE INDEX IF NOT EXISTS orders_token ON orders (token);
CREATE INDEX IF NOT EXISTS orders_number ON orders (number);
CREATE INDEX IF NOT EXISTS orders_paid ON orders (platform, merchant_id, paid_at);
CREATE TABLE IF NOT EXISTS refunds ({REFUND_FIELDS}, PRIMARY KEY (platform, merchant_id, number));
CREATE INDEX IF NOT EXISTS refunds_day ON refunds (platform, merchant_id, refunded_at);
CREATE INDEX IF NOT EXISTS refunds_order ON refunds (platform, merchant_id, order_number);
CREATE TABLE IF NOT EXISTS deliveries (notice_id PRIMARY KEY, token, refund_number, attempt, due);
"""


@dataclass(frozen=True)
class Delivery:
    """A callback still to be delivered: which order (by token) or refund, how often it was tried, when it is due."""

    notice_id: str
    token: str
    refund_number: str
    attempt: int
    due: float


class Store:
    """Orders, refunds and undelivered callbacks. Every method is one transaction; safe between threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._base.executescript(SCHEMA)

    def _run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._base.execute(sql, values).fetchall()

    def add_order(self, order: Order) -> bool:
        """Keep a new order; False when the number is taken."""
        return self._insert("orders", order)

    def add_orders(self, orders: Iterable[Order]) -> int:
        """Keep many orders in one go, leaving out numbers that are taken; return how many were new."""
        marks = ", ".join("?" * len(fields(Order)))
        with self._lock, self._base:
            self._base.execute("BEGIN")
            before = self._base.total_changes
            self._base.executemany(f"INSERT OR IGNORE INTO orders VALUES ({marks})", map(astuple, orders))
            return self._base.total_changes - before

    def _insert(self, table: str, item: Order | Refund | Delivery) -> bool:
        marks = ", ".join("?" * len(fields(item)))
        with self._lock:
            return (
                self._base.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", astuple(item)).rowcount
                == 1
            )

    def find_order(self, platform: str, merchant_id: str, number: str) -> Order | None:
        """Return the merchant's order of this number, or None."""
        rows = self._run(
            f"SELECT {ORDER_FIELDS} FROM orders WHERE platform = ? AND merchant_id = ? AND number = ?",
            (platform, merchant_id, number),
        )
        return Order(*rows[0]) if rows else None

    def find_token(self, token: str) -> Order | None:
        """Return the order a link names, or None."""
        rows = self._run(f"SELECT {ORDER_FIELDS} FROM orders WHERE token = ?", (token,))
        return Order(*rows[0]) if rows else None

    def list_numbered(self, number: str) -> list[Order]:
        """Return the orders of this number at any platform and merchant."""
        return [
            Order(*row) for row in self._run(f"SELECT {ORDER_FIELDS} FROM orders WHERE number = ?", (number,))
        ]

    def list_open(self, now: int, limit: int = 50) -> list[Order]:
        """Return orders that can be paid now, newest first."""
        rows = self._run(
            f"SELECT {ORDER_FIELDS} FROM orders WHERE state = 'open' AND expires_at >= ?"
            " ORDER BY created_at DESC LIMIT ?",
            (now, limit),
        )
        return [Order(*row) for row in rows]

    def list_paid(self, platform: str, merchant_id: str, start: int, end: int) -> list[Order]:
        """Return orders paid in the half-open span, by time and number."""
        rows = self._run(
            f"SELECT {ORDER_FIELDS} FROM orders WHERE platform = ? AND merchant_id = ? AND paid_at >= ? AND paid_at < ?"
            " ORDER BY paid_at, number",
            (platform, merchant_id, start, end),
        )
        return [Order(*row) for row in rows]

    def claim_payment(self, order: Order, payer: str, paid_at: int) -> bool:
        """Mark an open order as paid; False when another was first."""
        return self._move(order, "paid", payer, paid_at)

    def claim_closing(self, order: Order) -> bool:
        """Mark an open order as closed; False when another was first."""
        return self._move(order, "closed", order.payer, None)

    def _move(self, order: Order, state: str, payer: str, paid_at: int | None) -> bool:
        with self._lock:
            moved = self._base.execute(
                "UPDATE orders SET state = ?, payer = ?, paid_at = ? WHERE token = ? AND state = 'open'",
                (state, payer, paid_at, order.token),
            )
            return moved.rowcount == 1

    def add_refund(self, refund: Refund, limit: int) -> bool:
        """Keep a refund when all refunds of its order stay within `limit` fen; False otherwise."""
        with self._lock:
            given = sum(
                known.amount
                for known in self.list_refunds(refund.platform, refund.merchant_id, refund.order_number)
            )
            return given + refund.amount <= limit and self._insert("refunds", refund)

    def find_refund(self, platform: str, merchant_id: str, number: str) -> Refund | None:
        """Return the merchant's refund of this number, or None."""
        rows = self._run(
            f"SELECT {REFUND_FIELDS} FROM refunds WHERE platform = ? AND merchant_id = ? AND number = ?",
            (platform, merchant_id, number),
        )
        return Refund(*rows[0]) if rows else None

    def list_refunds(self, platform: str, merchant_id: str, order_number: str) -> list[Refund]:
        """Return the refunds of an order, oldest first."""
        rows = self._run(
            f"SELECT {REFUND_FIELDS} FROM refunds WHERE platform = ? AND merchant_id = ? AND order_number = ?"
            " ORDER BY refunded_at, number",
            (platform, merchant_id, order_number),
        )
        return [Refund(*row) for row in rows]

    def list_refunds_of_span(self, platform: str, merchant_id: str, start: int, end: int) -> list[Refund]:
        """Return refunds made in the half-open span, by time and number."""
        rows = self._run(
            f"SELECT {REFUND_FIELDS} FROM refunds WHERE platform = ? AND merchant_id = ?"
            " AND refunded_at >= ? AND refunded_at < ? ORDER BY refunded_at, number",
            (platform, merchant_id, start, end),
        )
        return [Refund(*row) for row in rows]

    def keep_delivery(self, delivery: Delivery) -> None:
        """Keep a callback until it is delivered, or its next try."""
        self._run("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?)", astuple(delivery))

    def drop_delivery(self, notice_id: str) -> None:
        """Forget a callback that was delivered or given up."""
        self._run("DELETE FROM deliveries WHERE notice_id = ?", (notice_id,))

    def list_deliveries(self) -> list[Delivery]:
        """Return what was still to be delivered when the program last stopped."""
        return [Delivery(*row) for row in self._run("SELECT * FROM deliveries ORDER BY due")]

    def count_deliveries(self, token: str) -> int:
        """Return how many callbacks of an order are still to be delivered."""
        return int(self._run("SELECT count(*) FROM deliveries WHERE token = ?", (token,))[0][0])
