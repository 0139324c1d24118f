"""Anybody on either leg, and anything that may happen to a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.builders import DIALLED, NO_ACCOUNT_NUMBER, PERSON, PIN
from tests.replay.dialplan import Dialplan
from tests.replay.happening import Act, Happening, Place
from tests.replay.line import Fault
from tests.replay.person import Respond, answering, typing
from tests.replay.stage import MENU

UNPAID = f"{NO_ACCOUNT_NUMBER.removeprefix('+1')}#"
STRAIGHT_KEYS = f"{PERSON}#{PIN}#{DIALLED}#1"
NEW_PIN = "7351"
CALLER = {
    "enter-id": [f"{PERSON}#", f"{PERSON}w", "999#", "9#", "", "#", "*#0", "w", "!"],
    "enter-pin": [f"{PIN}#", f"{PIN}w", f"{NEW_PIN}#", "1111#", "9#", "", "#", "******", "!"],
    "pin-choose": [f"{NEW_PIN}#", "1111#", "9#", "", "!"],
    "pin-repeat": [f"{NEW_PIN}#", "1111#", "", "!"],
    "name-record": ["", "!"],
    "name-check-1": ["1", "2", "9", "", "!"],
    "calls-are-recorded": ["", "!"],
    "enter-number": [f"{DIALLED}#", f"1{DIALLED}#", "911#", UNPAID, "*#", "9" * 20, "", "#", "!"],
    "confirm-number-1": ["1", "2", "9", ""],
    "confirm-number-2": ["", "1", "!"],
    "how-to-pay-1": ["2", "1", "9", "", "!"],
    "more-balance": ["1", "2", "0", "9", "", "!"],
    "credit-offer-1": ["1", "0", "", "!"],
    "next-call": ["w", "1", "2", "9", "7", "!"],
    "next-call-other": ["w", "2", "1", "!"],
    "goodbye": ["", "!"],
}
CALLED = {
    "called-intro-1": ["", "1", "!"],
    MENU: ["1", "5", "2", "3", "0", "7", "9", "", "#", "!"],
    "called-price-1": ["", "1", "!"],
    "called-block": ["1", "2", "0", "9", "", "!"],
    "called-block-person-confirm": ["1", "0", "", "!"],
    "called-block-facility-confirm": ["1", "0", "", "!"],
    "called-blocked": ["1", "", "!"],
    "called-refused": ["", "!"],
}
Born = Callable[[], Respond]
"""People remember what they have answered: each call makes its own."""


def _turns(choices: list[str], straight: int) -> st.SearchStrategy[str]:
    often = [choices[0]] * straight
    return st.lists(st.sampled_from([*often, *choices]), min_size=1, max_size=3).map(" ".join)


def _both_languages(answers: dict[str, list[str]]) -> dict[str, list[str]]:
    return answers | {f"es/{sound}": choices for sound, choices in answers.items()}


def _people(
    answers: dict[str, list[str]], straight_keys: str, straight: int
) -> st.SearchStrategy[Born]:
    """By what they hear, or by typing: as planned up to some key, then anything."""
    spoken = _both_languages(answers)
    turns = {sound: _turns(choices, straight) for sound, choices in spoken.items()}
    typed = st.builds(
        lambda length, rest: straight_keys[:length] + rest,
        st.integers(0, len(straight_keys)),
        st.text("0123456789*#w!", max_size=24),
    )
    listening: st.SearchStrategy[Born] = st.fixed_dictionaries(turns).map(
        lambda one: lambda: answering(one)
    )
    return listening | typed.map(lambda one: lambda: typing(one))


callers, called_parties = _people(CALLER, STRAIGHT_KEYS, 24), _people(CALLED, "w", 1)


@dataclass(frozen=True)
class Both:
    """The caller leaves while the called party is in the menu; maybe both at once."""

    at_once: bool

    def __call__(self, call: Dialplan) -> None:
        """Do so, once."""
        if call.caller.up:
            call.caller_leaves()
        if self.at_once:
            call.called.hang_up(call.called.channel)


scripts = ["caller", "called", "over", "unanswered", "machine", "ended caller", "ended called"]
faults: st.SearchStrategy[dict[Place, Act]] = st.dictionaries(
    st.tuples(st.sampled_from(scripts), st.integers(0, 20)), st.sampled_from(Fault), max_size=1
)
leaving: st.SearchStrategy[dict[Place, Act]] = st.dictionaries(
    st.tuples(st.just("called"), st.integers(0, 20)), st.builds(Both, st.booleans()), max_size=1
)
_UNANSWERED = ["BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "CANCEL"]
happenings = st.builds(
    Happening,
    dial=st.sampled_from(["ANSWER"] * 5 + _UNANSWERED),
    cause=st.sampled_from(["", "1", "17", "34", "38", "127"]),
    early_ms=st.sampled_from(["", "0", "3000"]),
    talk_ms=st.sampled_from([0, 1, 999, 1000, 61_500, 899_501, 900_000, 10_000_000]),
    ended_by=st.sampled_from(["caller", "called", "lost caller", "lost called"]),
    renews=st.sampled_from([True] * 3 + [False]),
    bridges=st.sampled_from([True] * 5 + [False]),
    over_first=st.booleans(),
    redirect_lag=st.integers(0, 6),
    machine=st.sampled_from(["", "MACHINE", "HUMAN", "NOTSURE"]),
    fax=st.sampled_from([None] * 5 + [0, 1, 2]),
    speaks=st.booleans(),
    at=st.builds(lambda one, other: {**one, **other}, faults, leaving),
)
failures = st.none() | st.tuples(st.integers(0, 40), st.booleans())
"""After how many uses the database is gone, and whether for good."""
