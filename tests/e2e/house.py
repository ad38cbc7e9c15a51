"""A community before its first month, its files as a clerk has them, and the messages its owners get."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import FilePayload

from billing.models import BillRun
from core.outbox import drain_outbox, relay_outbox
from core.tasks import deliver_event
from estates.models import Community
from estates.services.communities import create_community
from messaging.models import OutboundMessage
from messaging.services import deliver
from payments.models import MerchantAccount
from tests.e2e.programs import wait_for
from tests.payments.gateways.program import Sandbox
from users.models import User

CLERK, PASSPHRASE = "wang", "a long enough phrase"
OWNER = "13800001234"
TWO_FLATS = ("8-2-301", "8-2-302")

ROSTER = """楼栋,单元,房号,房屋类型,建筑面积,房屋状态,业主,手机
8,2,301,高层,100.24,已入住,李明,13800001234
8,2,302,高层,89.56,已入住,李明,13800001234
8,2,401,高层,100.24,已入住,王芳,13900005678
8,2,402,高层,8九.56,已入住,赵强,13700001111
"""
"""Three good rows, two of them of one owner, and one with a letter in its area."""

TARIFFS = """code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding
property,物业费,month,advance,area,2.35,*,2025-01-01,,fen
rubbish,垃圾清运费,month,advance,fixed,15,*,2025-01-01,,fen
"""


def found_community() -> Community:
    """Open a community without units, and the log-in of its clerk."""
    User.objects.create_superuser(CLERK, password=PASSPHRASE)
    community = create_community(code="yunshan", name="云杉苑", by="tests")
    Community.objects.filter(pk=community.pk).update(
        steward_name="周敏", service_phone="0571-88880000", service_hours="每天 8:30–18:00"
    )
    drain_outbox(now=timezone.now())
    return community


def open_wallets(community: Community, sandbox: Sandbox, folder: Path) -> None:
    """Let the community take money through both platforms of the sandbox."""
    for name in ("wechat", "alipay"):
        config = sandbox.config(name)
        merchant = MerchantAccount.objects.create(
            community=community,
            gateway=name,
            merchant_id=config.merchant_id,
            app_id=config.app_id,
            secret_name=f"yunshan-{name}",
            slug=f"yunshan-{name}-k7x2",
        )
        (folder / f"{merchant.secret_name}.json").write_text(json.dumps(asdict(config)))


def csv_file(name: str, text: str) -> FilePayload:
    """A file as a person picks it."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}


def wait_until_issued() -> BillRun:
    """The run once the worker has issued it."""
    return wait_for(lambda: BillRun.objects.filter(state="issued").first(), "the issued run")


def read_link(phone: str) -> str:
    """Let the news of the issue reach the messages, send them at noon, and give the link somebody got."""
    relay_outbox(now=timezone.now(), send=deliver_event.delay)
    wait_for(lambda: OutboundMessage.objects.filter(person__phone=phone).first(), "the notice")
    read_before = len(list_letters(phone))
    deliver(now=timezone.localtime().replace(hour=12))
    return find_in_letters(list_letters(phone)[read_before:], r"http\S+/p/\S+/")


def wait_for_code(phone: str, *, read_before: int) -> str:
    """The log-in code the worker sends to a phone that had so many letters before it was asked for.

    An older code lies in the same file, of this story or of another one: the one that was asked for is a new letter.
    """
    return wait_for(lambda: find_in_letters(list_letters(phone)[read_before:], r"\b\d{6}\b"), "the code")


def list_letters(phone: str) -> list[str]:
    """The texts that were sent to a phone since the run of tests began, the oldest first."""
    file = settings.STATE_DIR / "outbox" / "messages.jsonl"
    letters: list[dict[str, Any]] = (
        [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    )
    return [letter["body"] for letter in letters if letter["to"] == phone]


def find_in_letters(letters: list[str], pattern: str) -> str:
    """The newest words of this form; empty when there are none."""
    found = [re.search(pattern, letter) for letter in letters]
    return next((match[0] for match in reversed(found) if match), "")
