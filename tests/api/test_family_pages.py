"""The pages for families against the code: rights, limits, times, and what the line says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.inactivity import ANSWER_DAYS, INACTIVE_DAYS
from accounts.policy import Act, may
from accounts.prepaid import LARGEST_DEPOSIT_CENTS
from accounts.products import PRODUCTS, Limit, Party, ProductId
from accounts.refunds import GIVEN_BACK_WITHIN
from agi.scripts.refusals import REFUSALS
from calls.reasons import Reason
from ivr_prompts.catalogue import load_all
from ivr_prompts.saying import text
from store.settings import CallSettings

FOLDER = Path(__file__).parents[2] / "docs" / "families"
LANGUAGES = ("en", "es")
YES = {"en": {"yes": True, "no": False}, "es": {"sí": True, "no": False}}
NAMES = {
    "en": {
        Party.HOLDER: "the account's holder",
        Party.PERSON: "the person in custody",
        Party.DEPOSITOR: "anyone else who pays in",
        Party.FACILITY: "the facility",
        Party.STAFF: "our staff",
    },
    "es": {
        Party.HOLDER: "el titular de la cuenta",
        Party.PERSON: "la persona detenida",
        Party.DEPOSITOR: "cualquier otra persona que paga",
        Party.FACILITY: "la institución",
        Party.STAFF: "nuestro personal",
    },
}
PAGES = [(product, language) for product in ProductId for language in LANGUAGES]
# What a caller hears who can't be put through on this account.
HEARD = {
    ProductId.PREPAID_COLLECT: Reason.NOT_ENOUGH_MONEY,
    ProductId.DIRECT_BILL: Reason.CREDIT_LIMIT,
    ProductId.TRADITIONAL_COLLECT: Reason.COLLECT_LIMIT,
    ProductId.INMATE_DEBIT: Reason.DEBIT_EMPTY,
}


def page(product: ProductId, language: str) -> str:
    """The page, in one line."""
    name = f"{product.replace('_', '-')}.{language}.md"
    return " ".join((FOLDER / name).read_text(encoding="utf-8").split())


def rights(told: str, language: str) -> dict[str, tuple[bool, ...]]:
    """The table of rights: by party whether it may pay in, see, be refunded."""
    word = "|".join(YES[language])
    rows = re.findall(rf"\| ([^|]+) \| ({word}) \| ({word}) \| ({word}) \|", told)
    return {name: tuple(YES[language][cell] for cell in cells) for name, *cells in rows}


def test_each_product_has_its_pages_and_no_other() -> None:
    pages = {f"{product.replace('_', '-')}.{language}.md" for product, language in PAGES}
    assert {path.name for path in FOLDER.iterdir()} == pages | {"README.md"}
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"({name})" in index for name in pages)


@pytest.mark.parametrize(("product", "language"), PAGES)
def test_the_rights_are_the_policys(product: ProductId, language: str) -> None:
    # Of a person's own account nobody else is the holder.
    parties = [one for one in Party if one is not Party.HOLDER or PRODUCTS[product].owner is one]
    acts = (Act.FUND, Act.SEE_ACTIVITY, Act.ASK_REFUND)
    assert rights(page(product, language), language) == {
        NAMES[language][party]: tuple(may(party, act, product) for act in acts) for party in parties
    }


@pytest.mark.parametrize(("product", "language"), PAGES)
def test_what_the_caller_hears_is_what_is_said(product: ProductId, language: str) -> None:
    quoted = re.findall(r'"([^"]+)"', page(product, language))
    assert [one.strip() for one in quoted] == [text(load_all()[language], REFUSALS[HEARD[product]])]


@pytest.mark.parametrize(("product", "language"), PAGES)
def test_the_figures_are_the_codes(product: ProductId, language: str) -> None:
    told, terms = page(product, language), PRODUCTS[product]
    figures = set(re.findall(r"\d+ (?:days|días|hours|horas)|\$\d[\d,]*", told))
    days, hours = ("days", "hours") if language == "en" else ("días", "horas")
    expected = set()
    if terms.refunded_to:
        expected |= {f"{number} {days}" for number in (INACTIVE_DAYS, ANSWER_DAYS)}
        expected |= {f"{GIVEN_BACK_WITHIN.days} {days}"}
    if terms.funded_by:
        expected |= {f"${LARGEST_DEPOSIT_CENTS // 100:,}"}
    if terms.limit is Limit.ROLLING:
        settings = CallSettings()
        cents = (settings.collect_cents_90_days, settings.collect_cents_a_day)
        expected |= {f"${one // 100}" for one in cents} | {f"90 {days}", f"24 {hours}"}
        calls = {"en": "calls", "es": "llamadas"}[language]
        assert f"{settings.collect_calls_a_day} {calls}" in told
    assert figures == expected


@pytest.mark.parametrize(("product", "language"), PAGES)
def test_the_keys_are_those_of_the_menu(product: ProductId, language: str) -> None:
    """Price 2, refuse 3, block 7: as on the line."""
    menu = load_all()["en"]
    told = page(product, language)
    for key, words in (("2", "hear what it costs"), ("3", "refuse it"), ("7", "block calls")):
        sentence = str(menu.sentences["called-menu"])
        assert re.search(rf"{words}[^.]*press {key}", sentence, re.IGNORECASE), key
        assert re.search(rf"(press|pressing|oprima el|oprimir el) {key}", told), key
