"""Parloir's command line."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from parloir.common import Group, Platform
from store.settings import SETTINGS_VARIABLE
from store.version import CODE_VERSION

WHERE = {
    **{
        name: name
        for name in (
            "demo",
            "up",
            "facility",
            "person",
            "phone",
            "trunk",
            "hotline",
            "unit",
            "staff",
            "jail",
            "number",
            "pan",
            "policy",
            "attorney",
            "privilege",
            "account",
            "payment",
            "refund",
            "carrier",
            "ledger",
            "statement",
            "invoice",
            "report",
            "daily",
            "credit",
            "prepare",
            "prompts",
            "rate",
            "asterisk",
            "api",
            "monitor",
            "redis",
            "status",
            "check",
            "backup",
            "restore",
            "call",
        )
    },
    "init": "initialise",
    "agi": "agi_server",
    "sweep": "check",
    "cdr": "call",
}
"""The module of each command, in which it has its name."""


class _Commands(UserDict[str, Any]):
    """Each is imported when it is asked for: none waits for what only another needs."""

    def __getitem__(self, name: str) -> Any:
        if isinstance(self.data[name], str):
            module = import_module(f"parloir.{self.data[name]}")
            self.data[name] = getattr(module, name)
        return self.data[name]


@click.group(
    cls=Group, commands=_Commands(WHERE), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(CODE_VERSION, prog_name="parloir")
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The settings file (else ${SETTINGS_VARIABLE}, else /etc/parloir/parloir.toml).",
)
@click.pass_context
def main(context: click.Context, settings: Path | None) -> None:
    """Parloir: calls of people in custody, on Asterisk.

    \b
    To see it work:     parloir demo      calls between two real SIP phones, narrated
                        parloir up        the same, kept running for you to call in
    To set one up:      parloir init, then facility, phone, person, account, rate deck
    To run it:          parloir asterisk up, redis, agi, monitor
    To look after it:   parloir status, check, sweep, backup, credit list, person unlock
    To look things up:  parloir call live, call show, cdr list, cdr show, account show
    """
    context.obj = Platform(settings)
