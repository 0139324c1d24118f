"""An AGI server whose scripts a test writes itself, that can be killed at any moment."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

Script = Callable[["Session"], None]


@dataclass
class Session:
    """One script's talk with Asterisk."""

    connection: socket.socket
    arguments: list[str] = field(default_factory=list)
    channel: str = ""

    def command(self, line: str) -> str:
        """Send a command, wait for its reply; notices of a hang-up are not replies."""
        self.connection.sendall(line.encode() + b"\n")
        while True:
            reply = self.read()
            if reply != "HANGUP":
                return reply

    def get(self, variable: str) -> str:
        """A variable's value, empty where there is none."""
        return self.command(f"GET VARIABLE {variable}").partition("(")[2][:-1]

    def plan(self, text: str) -> None:
        """Set the plan."""
        self.command(f'SET VARIABLE CALL_PLAN "{text}"')

    def read(self) -> str:
        """One line; raises ConnectionError at the end of the connection."""
        line = b""
        while not line.endswith(b"\n"):
            byte = self.connection.recv(1)
            if not byte:
                raise ConnectionError
            line += byte
        return line.decode().strip()


@dataclass(frozen=True)
class Visit:
    """A script that was started: with what, when (epoch ms)."""

    script: str
    arguments: list[str]
    at: float


class ScriptedServer:
    """Runs ``scripts`` by name; keeps every visit."""

    def __init__(self, port: int, scripts: dict[str, Script]) -> None:
        self.visits: list[Visit] = []
        self._scripts = scripts
        self._changed = threading.Condition()
        self._live: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """Die: no new connection, the live ones are cut."""
        if not self._thread.is_alive():
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for connection in list(self._live):
            # It may have ended by itself just now.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def wait_visit(self, script: str, leg: str = "", timeout: float = 5, times: int = 1) -> Visit:
        """Wait until a script was started (``leg``: with this second argument) so many times."""

        def seek() -> Visit | None:
            found = [
                visit
                for visit in self.visits
                if visit.script == script and leg in ("", *visit.arguments[1:2])
            ]
            return found[times - 1] if len(found) >= times else None

        with self._changed:
            assert self._changed.wait_for(seek, timeout), f"{script} {leg}: {self.visits}"
            found = seek()
        assert found
        return found

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._live.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        session = Session(connection)
        try:
            script = self._greet(session)
            self._scripts[script](session)
        except OSError:
            pass
        finally:
            self._live.discard(connection)
            connection.close()

    def _greet(self, session: Session) -> str:
        script = ""
        while line := session.read():
            name, _, value = line.partition(": ")
            if name == "agi_network_script":
                script = value
            elif name == "agi_channel":
                session.channel = value
            elif name.startswith("agi_arg_"):
                session.arguments.append(value)
        with self._changed:
            self.visits.append(Visit(script, session.arguments, time.time() * 1000))
            self._changed.notify_all()
        return script
