"""A real mail server of the tests, on the loopback address, that does as it is told."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from blocklists.privilege import attorneys
from blocklists.privilege.attorneys import Attorney
from store.database import Database
from store.tables import privilege_notices
from tests.builders import MORNING, identified_call

PASSWORD = "a word for tests only"


class Office:
    """What the server has taken over. ``answers``: what it says to an address instead of 250."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.after_data: str = "250 taken"
        self.on_data: Callable[[], None] = lambda: None
        self.encrypted: list[bool] = []

    async def handle_RCPT(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take an address, or don't."""
        envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        """Keep what came, if it is taken over."""
        self.on_data()
        content = envelope.content
        assert isinstance(content, bytes)
        if self.after_data.startswith("2"):
            message = message_from_bytes(content, policy=policy.default)
            self.taken += [(one, message) for one in envelope.rcpt_tos]
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return self.after_data


@contextmanager
def post_office(**options: Any) -> Iterator[tuple[Office, int]]:
    """A mail server and its port."""
    office = Office()
    controller = Controller(office, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield office, controller.port
    finally:
        controller.stop()


def told(database: Database, lawyer: str = "okafor", email: str | None = None) -> str:
    """A recorded call that a lawyer is to be told of; gives its id."""
    call_id = identified_call(database)
    address = f"{lawyer}@example.org" if email is None else email
    with database.begin() as connection:
        attorneys.add(connection, Attorney(lawyer, "Ada Okafor", email=address), "desk", MORNING)
        row = {"attorney_id": lawyer, "kind": "recorded", "subject": call_id, "at": MORNING}
        connection.execute(privilege_notices.insert(), row)
    return call_id


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def logins(user: str) -> Callable[..., AuthResult]:
    """Who may log in: ``user``, by :data:`PASSWORD`."""

    def check(
        _server: object, _session: object, _envelope: object, _how: str, data: Any
    ) -> AuthResult:
        right = LoginPassword(user.encode(), PASSWORD.encode())
        return AuthResult(success=data == right, handled=False)

    return check


def certified(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that vouches for itself: ``certificate.pem``."""
    key, made = folder / "key.pem", folder / "certificate.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    return context
