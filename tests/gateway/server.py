"""A stateful stand-in for Stripe's API, for the tests of this project. It is not Stripe.

It listens on 127.0.0.1 only, moves no money and knows no card. The official library talks to it
as it would to Stripe: form bodies, bearer key, idempotency keys, errors, lists with pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

from tests.gateway.stripe_books import Body, Refusal, StripeBooks, known

SECRET = "sk_test_parloir_tests_only"
WEBHOOK_SECRET = "whsec_parloir_tests_only"


class StripeServer(ThreadingHTTPServer):
    """``books`` is its state; ``broken`` answers that many requests with 500 after doing them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.empty()

    def empty(self) -> None:
        """Forget everything."""
        self.books = StripeBooks(WEBHOOK_SECRET)
        self.answers: dict[str, tuple[object, int, Body]] = {}
        self.broken = 0

    @property
    def address(self) -> str:
        """What the library is given as the API's address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, method: str, path: str, params: Body, key: str) -> tuple[int, Body]:
        """Do it once a key, as Stripe does; the same key for something else is refused."""
        with self.lock:
            asked = (method, path, params)
            if key in self.answers:
                before, status, body = self.answers[key]
                if before != asked:
                    why = "Keys for idempotent requests can only be used with the same parameters"
                    return 400, Refusal(400, "idempotency_error", why).body
                return status, body
            status, body = self._do(method, path, params)
            if key:
                self.answers[key] = (asked, status, body)
            if self.broken:
                self.broken -= 1
                return 500, Refusal(500, "api_error", "broken on purpose").body
            return status, body

    def _do(self, method: str, path: str, params: Body) -> tuple[int, Body]:
        books = self.books
        try:
            match method, path.removeprefix("/v1/").split("/"):
                case "POST", ["payment_intents"]:
                    return 200, dict(books.create_payment(params))
                case "GET", ["payment_intents", its_id]:
                    return 200, dict(known(books.payments, its_id))
                case "POST", ["refunds"]:
                    return 200, dict(books.create_refund(params))
                case "GET", ["refunds", its_id]:
                    return 200, dict(known(books.refunds, its_id))
                case "GET", ["balance_transactions"]:
                    return 200, books.list_transactions(params)
            return 404, Refusal(404, "invalid_request_error", f"no {method} {path} here").body
        except Refusal as refusal:
            return refusal.status, refusal.body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ParloirTestGateway (not Stripe)"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: StripeServer

    def do_GET(self) -> None:
        """Look something up."""
        url = urlsplit(self.path)
        self._answer("GET", url.path, nested(url.query))

    def do_POST(self) -> None:
        """Do something."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer("POST", self.path, nested(body))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def _answer(self, method: str, path: str, params: Body) -> None:
        if self.headers.get("Authorization") != f"Bearer {SECRET}":
            status, body = 401, Refusal(401, "invalid_request_error", "Invalid API Key").body
        else:
            key = self.headers.get("Idempotency-Key", "") if method == "POST" else ""
            status, body = self.server.answer(method, path, params, key)
        told = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)


def nested(form: str) -> Body:
    """``a[b]=c`` as Stripe's library writes it."""
    made: Body = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name)
        into = made
        for part in path:
            into = into.setdefault(part, {})
        into[last] = value
    return made


@contextmanager
def running() -> Iterator[StripeServer]:
    """The server in a thread of its own, until the block ends."""
    server = StripeServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
