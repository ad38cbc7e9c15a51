"""A platform that gives everybody the same answer, signed or not: for the answers no sane sandbox would give."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from payments.gateways.sandbox.signing import sign, wechat_headers
from tests.payments.gateways.platforms import Platform


@dataclass
class Parrot:
    """What to answer, and what was asked."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(
        default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"}
    )
    address: str = ""
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def parrot(answer: Parrot) -> Iterator[Parrot]:
    """Run the parrot on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer_all(self) -> None:
            answer.asked.append((self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0))))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.answer_all()

        def do_POST(self) -> None:
            self.answer_all()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answer.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield answer
    server.shutdown()
    server.server_close()


def wechat_says(platform: Platform, content: object, status: int = 200) -> Parrot:
    """Return an answer WeChat signed."""
    body = json.dumps(content, ensure_ascii=False)
    headers = wechat_headers(platform.keys.wechat, platform.keys.wechat_key_id, body, int(time.time()))
    return Parrot(status, body.encode(), {"Content-Type": "application/json; charset=utf-8"} | headers)


def alipay_says(platform: Platform, method: str, content: object) -> Parrot:
    """Return an answer Alipay signed."""
    body = json.dumps(content, ensure_ascii=False)
    name = f"{method.replace('.', '_')}_response"
    return Parrot(200, f'{{"{name}":{body},"sign":"{sign(platform.keys.alipay, body)}"}}'.encode())
