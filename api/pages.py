"""Statements and invoices as pages for people, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from typing import Annotated, Any

from fastapi import Query, Response

from billing import render
from billing.invoices import Invoice
from billing.render import Sender
from billing.statements import Statement

Language = Annotated[
    str | None, Query(pattern="^(en|es)$", description="The account's own, if not said.")
]


@unique
class Format(StrEnum):
    """How a statement or an invoice is answered."""

    JSON = "json"
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"


AsFormat = Annotated[Format, Query(alias="format")]

_AS: Mapping[Format, tuple[str, Callable[..., str | bytes]]] = {
    Format.TEXT: ("text/plain", render.text),
    Format.HTML: ("text/html", render.html),
    Format.PDF: ("application/pdf", render.pdf),
}
# A page is whole in itself; a browser is to run and load nothing for it.
_STILL = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {"schema": {"type": "string"}} for media, _ in _AS.values()}}
}


def page(
    kind: Format,
    statement: Statement,
    language: str,
    sender: Sender,
    invoice: Invoice | None = None,
) -> Response:
    """The page. Not for :attr:`Format.JSON`."""
    media, made_by = _AS[kind]
    made = made_by(statement, language, invoice=invoice, sender=sender)
    return Response(made, media_type=media, headers=_STILL)
