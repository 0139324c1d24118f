"""What every subcommand needs: the settings, the database, errors in one line."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from accounts.ledger import LedgerError
from asterisk_conf.errors import AsteriskError
from blocklists.lists import NumberError
from calls.credits import CreditError
from calls.orders import OrderError
from custody.places import PlaceError
from ivr_prompts.catalogue import CatalogueError
from ivr_prompts.voices import BuildError
from store.archive import ArchiveError
from store.backup import BackupError
from store.cluster import ClusterError
from store.database import Database, open_database
from store.redis_server import RedisServerError
from store.settings import Settings, SettingsError, load

EXPECTED = (
    ArchiveError,
    AsteriskError,
    BackupError,
    BuildError,
    CatalogueError,
    ClusterError,
    CreditError,
    LedgerError,
    NumberError,
    OrderError,
    PlaceError,
    RedisServerError,
    SettingsError,
)
Command = TypeVar("Command", bound=Callable[..., object])


@dataclass
class Platform:
    """The platform that a command is about."""

    settings_file: Path | None

    @cached_property
    def settings(self) -> Settings:
        """The settings; raises :class:`SettingsError` when they can't be read."""
        return load(self.settings_file)

    @cached_property
    def database(self) -> Database:
        """The database, as it is."""
        return open_database(self.settings.database_url)

    @property
    def pin_key(self) -> bytes:
        """The key for PINs; raises :class:`SettingsError` when it isn't there."""
        try:
            return self.settings.pin_key_file.read_bytes()
        except OSError as error:
            raise SettingsError(f"no key for PINs: {error}; 'parloir init' makes one") from None


class Group(click.Group):
    """A group of commands in which every expected error is one plain line."""

    def invoke(self, context: click.Context) -> object:
        """Run the command; errors that a person can mend become one line."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from None
        except (OverflowError, DataError) as error:
            cause = str(error).splitlines()[0]
            raise click.ClickException(f"a number or a text is more than fits: {cause}") from None
        except (OperationalError, ProgrammingError) as error:
            cause = str(error.orig).splitlines()[0]
            raise click.ClickException(
                f"the database doesn't answer: {cause} (is it up, and did 'parloir init' run?)"
            ) from None


pass_platform = click.make_pass_decorator(Platform)
actor_option = click.option(
    "--by", "actor", default=getpass.getuser, show_default="you", help="Who decided this."
)
note_option = click.option("--note", required=True, help="Why: it is kept.")
