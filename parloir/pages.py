"""Statements and invoices as files: what their commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import click

from billing import render
from billing.invoices import Invoice
from billing.render import Sender
from billing.statements import Statement

FORMATS = {"text": "txt", "html": "html", "pdf": "pdf"}
format_option = click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True
)
language_option = click.option("--language", help="Not the account's own language, but this one.")
directory_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The directory for the files, one an account.",
)
file_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, not the screen."
)


def page(
    form: str,
    statement: Statement,
    language: str | None,
    sender: Sender,
    invoice: Invoice | None = None,
) -> bytes:
    """The page in its form."""
    spoken = language or statement.language
    if form == "pdf":
        return render.pdf(statement, spoken, invoice=invoice, sender=sender)
    write: Callable[..., str] = render.html if form == "html" else render.text
    return write(statement, spoken, invoice=invoice, sender=sender).encode()


def put(made: bytes, form: str, out: Path | None) -> None:
    """Into the file, or on the screen."""
    if out is not None:
        out.write_bytes(made)
    elif form == "pdf":
        raise click.UsageError("a PDF needs --out FILE")
    else:
        click.echo(made.decode())


def file_of(directory: Path, name: str, form: str) -> Path:
    """A file named after an account or an invoice, whatever that is called."""
    return directory / f"{quote(name, safe='')}.{FORMATS[form]}"
