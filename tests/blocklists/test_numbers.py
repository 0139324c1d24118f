"""From keys to a number: every class that is never dialled, and every spelling of one number."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blocklists.numbers import RELAY, Never, Refused, digits_of, normalise
from store.npa import area_codes

NEVER_DIALLED = {
    Never.EMERGENCY: ["911", "1911", "9911", "112"],
    Never.SHORT_CODE: [
        *("211", "311", "411", "511", "611", "811", "1411", "1711", "988"),
        *("*67", "*82", "*69", "*672125550101", "*"),
    ],
    Never.OPERATOR: [
        *("0", "00", "01", "010", "0441632960961", "02125550101", "0012125550101"),
        *("012125550101", "0101288"),
    ],
    Never.CARRIER_ACCESS: [
        *("10", "1010", "1010321", "10103212125550101", "101", "1010288", "10102880"),
        *("1015432", "10154322125550101", "10321", "1032112125550101"),
    ],
    Never.TOLL_FREE: [
        f"{npa}5550101" for npa in (800, 833, 844, 855, 866, 877, 888, 822, 889, *range(880, 888))
    ],
    Never.PREMIUM: [
        *("9005550101", "9002345678", "2129765000", "2129505000", "12129761234", "9009765000"),
        *(f"{npa}2345678" for npa in (500, *range(521, 530), 532, 533, 544, 566, 577, 588)),
        *(f"{npa}2345678" for npa in (600, 622, 633, 700, 710)),
    ],
    Never.DIRECTORY: ["2125551212", "12125551212", "2125550000", "2125550099", "2125550200"],
    Never.INTERNATIONAL: [
        *("011", "011442079460000", "01152555", "4165550101", "16045550101", "8095550101"),
        *("8765550101", "2845550101", "6495550101", "2425550101", "4415550101", "6135550101"),
        *("+442079460000", "+2125550101", "+52155555"),
    ],
    Never.INVALID: [
        *("", "+", "2", "5550101", "212555010", "21255501011", "22125550101", "121255501011"),
        *("2110550101", "2121550101", "2129115678", "2124115678", "2125112345", "1112345678"),
        *("9995550101", "11234567890", "2125550101#", "212-555-0101", "212555O101", "٢١٢٥٥٥٠١٠١"),
        *("2125550101\n", " 2125550101", "2125550101*", "212*5550101", "one", "++12125550101"),
    ],
}


@pytest.mark.parametrize(
    ("why", "keys"), [(why, keys) for why, spelled in NEVER_DIALLED.items() for keys in spelled]
)
def test_never_dialled(why: Never, keys: str) -> None:
    assert normalise(keys) == Refused(why)


def test_every_class_is_in_the_table() -> None:
    assert set(NEVER_DIALLED) == set(Never)


@pytest.mark.parametrize("line", ["0100", "0101", "0150", "0199"])
def test_fictitious_numbers_may_be_called(line: str) -> None:
    assert normalise(f"212555{line}") == f"+1212555{line}"


@pytest.mark.parametrize("npa", ["787", "939", "340", "671", "670", "684"])
def test_the_territories_are_domestic(npa: str) -> None:
    assert normalise(f"{npa}2345678") == f"+1{npa}2345678"


@pytest.mark.parametrize("npa", sorted(n for n, a in area_codes().items() if a.country != "US"))
def test_other_countries_of_the_plan_are_international(npa: str) -> None:
    assert normalise(f"1{npa}2345678") == Refused(Never.INTERNATIONAL)


def test_relay_is_dialled_as_it_is() -> None:
    assert normalise(RELAY) == digits_of(RELAY) == "711"


keys = st.text("0123456789", max_size=16)
shaped = st.from_regex(r"(\+?1)?[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)


@given(st.text() | keys | shaped | keys.map("+".__add__) | keys.map("*".__add__))
@example("9" * 10_000)
@example("\ud800")
def test_any_text_is_a_domestic_number_or_refused(dialled: str) -> None:
    number = normalise(dialled)
    if isinstance(number, Refused) or number == RELAY:
        return
    assert number[:2] == "+1"
    assert len(number) == 12
    assert area_codes()[number[2:5]].country == "US"
    assert number[2] in "23456789"
    assert number[5] in "23456789"
    assert number[5:8] not in ("950", "976")
    assert number[6:8] != "11"
    assert normalise(number) == number


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_every_spelling_gives_one_decision(national: str) -> None:
    decision = normalise(national)
    assert normalise(f"1{national}") == decision
    assert normalise(f"+1{national}") == decision


def test_what_is_sent_to_the_trunk() -> None:
    assert digits_of("+12125550100") == "12125550100"
