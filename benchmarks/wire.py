"""A connection that can be cut: everything goes through here on its way to a TCP port."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Thread

HOST = "127.0.0.1"


class Wire:
    """Listens on a free port and passes on to ``port``, both ways, while it isn't cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._cut = False
        self._ends: list[socket.socket] = []
        self._lock = Lock()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Part all who are connected, and whoever connects from now on."""
        with self._lock:
            self._cut = True
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()

    def mend(self) -> None:
        """Pass on again."""
        self._cut = False

    def close(self) -> None:
        """Cut for good."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    self._join(near, socket.create_connection((HOST, self._to)))
                except OSError:
                    near.close()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            self._ends += [near, far]
        if self._cut:
            self.cut()
            return
        for one, other in ((near, far), (far, near)):
            Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while some := one.recv(65536):
            other.sendall(some)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
