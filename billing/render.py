"""Statements and invoices as text, HTML and accessible PDF (PDF/UA-1), in the holder's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from jinja2 import Environment, PackageLoader, StrictUndefined

from billing.invoices import Invoice
from billing.statements import Statement
from billing.wording import Wording, plain
from store.settings import Settings

PDF_VARIANT = "pdf/ua-1"


@dataclass(frozen=True)
class Sender:
    """Whose page it is; ``help_number`` (digits, may be empty) is for questions."""

    name: str = "Parloir"
    help_number: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        """The provider of these settings."""
        return cls(settings.provider_name, settings.help_number)


ANYBODY = Sender()


def text(
    statement: Statement,
    language: str,
    *,
    invoice: Invoice | None = None,
    sender: Sender = ANYBODY,
) -> str:
    """Plain text. Raises :class:`LedgerError` for a language without words, as do the others."""
    return _render("page.txt.j2", statement, language, invoice, sender)


def html(
    statement: Statement,
    language: str,
    *,
    invoice: Invoice | None = None,
    sender: Sender = ANYBODY,
) -> str:
    """One HTML page that needs no other file."""
    return _render("page.html.j2", statement, language, invoice, sender)


def pdf(
    statement: Statement,
    language: str,
    *,
    invoice: Invoice | None = None,
    sender: Sender = ANYBODY,
    **options: Any,
) -> bytes:
    """The HTML page as a tagged PDF, on letter paper. ``options`` are WeasyPrint's."""
    # Half a second that no other command should pay for.
    from weasyprint import HTML

    page = html(statement, language, invoice=invoice, sender=sender)
    made = HTML(string=page, url_fetcher=_refuse).write_pdf(pdf_variant=PDF_VARIANT, **options)
    return bytes(made)


def _render(
    template: str, statement: Statement, language: str, invoice: Invoice | None, sender: Sender
) -> str:
    wording = Wording(language)
    return (
        _environment()
        .get_template(template)
        .render(s=statement, i=invoice, sender=sender, say=wording, w=wording.words)
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("billing"),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = plain
    return made


def _refuse(url: str, *_: object, **__: object) -> NoReturn:
    """The page is whole in itself: whatever asks for another file was smuggled in."""
    raise ValueError(f"a statement asks for {url}")
