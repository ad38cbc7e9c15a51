"""The HTTP side: threads of the standard library's server, one for each connection."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from payments.gateways.sandbox import alipay_api, cashier, knobs, wechat_api
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.web import Request, Response, answer

ROUTES = [*wechat_api.ROUTES, *alipay_api.ROUTES, *cashier.ROUTES, *knobs.ROUTES]
MAX_BODY = 64 * 1024 * 1024


class Server(ThreadingHTTPServer):
    """Listens on one address for one desk."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, desk: Desk) -> None:
        self.desk = desk
        super().__init__((host, port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    """Turns a request on the wire into a Request, and a Response into bytes, or into a cut line."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answer GET."""
        self._answer()

    def do_POST(self) -> None:
        """Answer POST."""
        self._answer()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            now=int(time.time()),
        )
        self._write(answer(ROUTES, self.server.desk, request))

    def _write(self, response: Response) -> None:
        if response.delay:
            time.sleep(response.delay)
        if response.silent:
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Keep quiet: requests carry payers' data."""
