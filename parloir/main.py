"""Parloir's command line."""

from __future__ import annotations

from pathlib import Path

import click

from parloir import (
    account,
    agi_server,
    api,
    asterisk,
    backup,
    call,
    carrier,
    check,
    credit,
    daily,
    demo,
    direct_bill,
    facility,
    initialise,
    invoice,
    ledger,
    monitor,
    number,
    payment,
    person,
    prepare,
    prompts,
    rate,
    redis,
    refund,
    report,
    restore,
    statement,
    status,
    up,
)
from parloir.common import Group, Platform
from store.settings import SETTINGS_VARIABLE
from store.version import CODE_VERSION


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
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


for command in (
    demo.demo,
    up.up,
    initialise.init,
    facility.facility,
    facility.phone,
    person.person,
    number.number,
    account.account,
    payment.payment,
    refund.refund,
    carrier.carrier,
    ledger.ledger,
    statement.statement,
    invoice.invoice,
    report.report,
    daily.daily,
    credit.credit,
    prepare.prepare,
    prompts.prompts,
    rate.rate,
    asterisk.asterisk,
    agi_server.agi,
    api.api,
    monitor.monitor,
    redis.redis,
    status.status,
    check.check,
    check.sweep,
    backup.backup,
    restore.restore,
    call.call,
    call.cdr,
):
    main.add_command(command)
for its in (direct_bill.open_direct_bill, direct_bill.raise_limits):
    account.account.add_command(its)
