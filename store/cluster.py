"""A private PostgreSQL (15 or newer) in a directory: for tests, benchmarks and trying things out.

It listens on a unix socket only, which none but its owner and root may use. Never for service.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

OWNER = "parloir"
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
CONNECTIONS = 300
# It names the socket; nothing listens on TCP.
PORT = 5432
# PostgreSQL refuses to run as root; Debian's package makes the first of these.
ORDINARY_USERS = ("postgres", "nobody")


class ClusterError(Exception):
    """The private PostgreSQL can't be had; the message says why and how to mend it."""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL whose data, log and socket live in ``directory``."""

    directory: Path

    @classmethod
    def start(cls, directory: Path, *, durable: bool = True) -> Cluster:
        """Make the cluster if it isn't there and start it if it doesn't run.

        Without ``durable`` a power cut may lose data, and nothing waits for the disk. Raises
        :class:`ClusterError`.
        """
        cluster = cls(directory.resolve())
        if not (cluster._data / "PG_VERSION").exists():
            cluster._initialise()
        if not cluster.running:
            options = f"-c listen_addresses= -c port={PORT} -c max_connections={CONNECTIONS}"
            options += f" -c unix_socket_directories={cluster.directory}"
            options += " -c unix_socket_permissions=0700"
            if not durable:
                options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            log = str(cluster.directory / "log")
            cluster._run("pg_ctl", "start", "-w", "-l", log, "-o", options)
        return cluster

    @property
    def running(self) -> bool:
        """Whether it takes connections."""
        with socket.socket(socket.AF_UNIX) as asked:
            return asked.connect_ex(str(self.directory / f".s.PGSQL.{PORT}")) == 0

    def stop(self) -> None:
        """Stop it, cutting whoever is connected; harmless when it doesn't run."""
        if self.running:
            self._run("pg_ctl", "stop", "-w", "-m", "fast")

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, as a copy of ``template`` if given; its SQLAlchemy address.

        Nobody may be connected to the template meanwhile.
        """
        # Copying files is several times cheaper than the default for databases this small.
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self._administer(command)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, cutting whoever is connected; harmless when there is none."""
        self._administer(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database."""
        query = {"host": str(self.directory), "port": str(PORT)}
        url = URL.create("postgresql+psycopg", OWNER, database=database, query=query)
        return url.render_as_string(hide_password=False)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _administer(self, command: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.directory), port=PORT, user=OWNER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(command)

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.directory, _ordinary_user())
        self._run("initdb", "--no-sync", "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale=C")

    def _run(self, name: str, *arguments: str) -> None:
        command: Sequence[str] = [str(program(name)), "-D", str(self._data), *arguments]
        user = _ordinary_user()
        # The server inherits the output: a pipe would stay open as long as it runs.
        with (self.directory / f"{name}.out").open("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                check=False,
                # Root alone may run it as somebody else, and must.
                user=user if os.geteuid() == 0 else None,
                group=pwd.getpwnam(user).pw_gid if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
            )
            output.seek(0)
            if done.returncode:
                raise ClusterError(f"{name} as {user} failed: {output.read().strip()}")


def program(name: str) -> Path:
    """One of PostgreSQL's programs: Debian's newest, which isn't on the PATH, else the PATH's.

    Raises :class:`ClusterError`, which names the package, when there is none.
    """
    versions = DEBIAN_PROGRAMS.glob(f"*/bin/{name}")
    if found := max(versions, key=lambda path: int(path.parts[-3]), default=None):
        return found
    if on_path := shutil.which(name):
        return Path(on_path)
    raise ClusterError(
        f"there is no {name} under {DEBIAN_PROGRAMS} nor on the PATH: "
        "install the package postgresql (apt-get install postgresql)"
    )


def _ordinary_user() -> str:
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {account.pw_name for account in pwd.getpwall()}
    for name in ORDINARY_USERS:
        if name in known:
            return name
    raise ClusterError(f"PostgreSQL doesn't run as root and there is no user {ORDINARY_USERS[0]}")
