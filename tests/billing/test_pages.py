"""The pages: complete in every language, accessible, and proof against hostile names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.ledger import Kind, LedgerError
from accounts.opening import LANGUAGES
from accounts.products import ProductId
from billing import render
from billing.catalogue import languages, words
from billing.invoices import Invoice
from billing.render import Sender
from billing.statement_lines import CallLine, Movement, TaxPart
from billing.statements import Statement, movement_name

OCTOBER = "2026-10"
HOSTILE = '</title><script>alert(1)</script>\x1b[31m{{ 7*7 }} & "O\'Neil" \u202e<img src=//x>'
HERE = ZoneInfo("America/New_York")
TAXES = (TaxPart("fusf", "US", "FCC", 11), TaxPart("lodging", "OH", "made up", 7))
CALL = CallLine(
    "C",
    datetime(2026, 10, 6, 14, 3, tzinfo=HERE),
    "+12125550101",
    725,
    240,
    60,
    TAXES,
    635,
    150,
    True,
)
PART = CallLine(
    "D", CALL.at, "+12125550101", None, 1, 0, (TaxPart("", "", "", 2),), None, None, False
)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
EVERY_KIND = tuple(Movement(NOON, kind, 100, None, None, None) for kind in Kind)
OF_CALL = (
    Movement(NOON, Kind.REFUND, 3, None, "+12125550101", CALL.at),
    Movement(NOON, Kind.REVERSAL, -3, Kind.DEPOSIT, None, None),
)
INVOICE = Invoice(
    "harbor-law-2026-10", "harbor-law", OCTOBER, NOON, NOON, NOON, -500, 318, 100, 718, 718
)


def sample(holder: str = "Sam Rivera", product: ProductId = ProductId.DIRECT_BILL) -> Statement:
    lines = (*EVERY_KIND, *OF_CALL)
    place = "1 Main St"
    return Statement(
        "rivera", product, holder, place, "en", OCTOBER, False, -500, (CALL, PART), lines
    )


class Page(HTMLParser):
    """What a reader of the page's structure finds."""

    VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.said = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.said += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def attributes(self, tag: str) -> list[Mapping[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Every word with the slots in it."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", frozenset(re.findall(r"{(\w*)}", value))


def test_every_language_has_every_word_with_its_slots() -> None:
    assert set(LANGUAGES) <= set(languages())
    english = dict(keys(words("en")))
    for language in languages():
        assert dict(keys(words(language))) == english, language


@pytest.mark.parametrize("language", languages())
def test_every_product_movement_and_part_has_its_words(language: str) -> None:
    said = words(language)
    assert set(said["products"]) == set(ProductId)
    assert {movement_name(one) for one in (*EVERY_KIND, *OF_CALL)} == set(said["movement"])
    for product in ProductId:
        made = render.text(sample(product=product), language, invoice=INVOICE)
        assert said["products"][product] in made
        assert "None" not in made


@pytest.mark.parametrize("invoice", [None, INVOICE])
@pytest.mark.parametrize("language", languages())
def test_the_page_is_sound_and_its_tables_have_heads(
    language: str, invoice: Invoice | None
) -> None:
    page = Page(render.html(sample(), language, invoice=invoice))
    assert page.attributes("html") == [{"lang": language}]
    assert (page.count("h1"), page.count("main"), page.count("title")) == (1, 1, 1)
    assert page.count("table") == page.count("caption") == page.count("thead") == 4
    heads = [one.get("scope") for one in page.attributes("th")]
    assert set(heads) == {"col", "row"}
    assert heads.count("row") == page.count("tr") - page.count("thead")
    assert page.count("section") == page.count("h2") - 1
    # Nothing is fetched from anywhere.
    assert not {"img", "link", "script"} & {name for name, _ in page.tags}


def test_the_signs_stand_out_from_the_paper() -> None:
    colours = set(re.findall(r"(?<!back)(?:color|solid):? #(\w+)", render.html(sample(), "en")))
    assert colours
    # Darker than #767676 on white is WCAG's 4.5 to 1.
    assert all(int(colour[:1], 16) <= 6 for colour in colours)


@pytest.mark.parametrize("language", languages())
def test_text_and_html_say_the_same_amounts(language: str) -> None:
    amount = re.compile(r"-?\$[\d.]+")
    text, html = (write(sample(), language) for write in (render.text, render.html))
    assert sorted(amount.findall(text)) == sorted(
        one for one in amount.findall(Page(html).said) if one != ""
    )
    assert "$0.0635" in text


def test_a_hostile_name_is_only_a_name() -> None:
    made = render.html(sample(HOSTILE), "en")
    page = Page(made)
    assert page.count("script") == page.count("img") == 0
    assert "</title><script>alert(1)</script>" in page.said
    assert "{{ 7*7 }}" in page.said
    text = render.text(sample(HOSTILE), "en")
    for sign in ("\x1b", "\u202e"):
        assert sign not in made
        assert sign not in text


def test_the_invoice_says_how_much_until_when_and_whom_to_ask() -> None:
    sender = Sender("Riverside Phones", "2025550100")
    said = render.text(sample(), "en", invoice=INVOICE, sender=sender)
    assert "Riverside Phones" in said
    assert "2025550100" in said
    assert re.search(r"Amount due +\$7\.18\nPlease pay by +Oct 5, 2026\n", said)
    free = Invoice(**{**vars(INVOICE), "due_cents": 0})
    assert "Please don't pay" in render.text(sample(), "en", invoice=free)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LedgerError, match="no statements in 'fr', only in en, es"):
        render.text(sample(), "fr")


def test_the_pdf_is_tagged_and_says_its_language() -> None:
    made = render.pdf(sample(HOSTILE), "es", uncompressed_pdf=True)
    assert made.startswith(b"%PDF-")
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"pdfuaid", b"/Lang (es)", b"/TH", b"/Table"):
        assert mark in made, mark
