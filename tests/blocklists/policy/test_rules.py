"""The layers: in whatever order they are asked, and a further rule never permits more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.policy.history import Past
from blocklists.policy.kinds import CONTROLS, Kind, Question
from blocklists.policy.reading import PanMode, PolicyError
from blocklists.policy.rules import Answer, Layer, Rule, counts_since, evaluate

AT = datetime(2026, 11, 4, 20, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
NUMBERS = ("+12125550101", "+12125550102")

flags, limits = st.booleans(), st.integers(0, 40)
windows = st.fixed_dictionaries({"count": st.integers(0, 5), "minutes": st.integers(1, 3000)})
hours = st.sampled_from(["00:00-24:00", "08:00-22:00", "wed 13:00-14:10", "mon 08:00-10:00"])
lists = st.fixed_dictionaries({"mode": st.sampled_from([*PanMode]), "max": st.integers(0, 5)})
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    **dict.fromkeys(Kind, limits),
    **dict.fromkeys((Kind.CALLS, Kind.RECORD, Kind.ONE_LIVE_CALL), flags),
    **dict.fromkeys((Kind.ATTEMPTS, Kind.REFUSALS), windows),
    Kind.LONGEST_CALL_SECONDS: st.integers(1, 40),
    Kind.HOURS: hours,
    Kind.PAN: lists,
}
ids = st.integers(1, 10_000)
RULES = st.one_of(
    *(
        st.builds(Rule, st.sampled_from(Layer), st.just(kind), value, ids)
        for kind, value in VALUES.items()
    )
)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """A call of the person's past, or one that lives."""
    authorized = AT - timedelta(minutes=draw(st.integers(0, 50_000)))
    accepted = draw(st.none() | st.just(authorized + timedelta(seconds=30)))
    length = timedelta(seconds=draw(st.integers(0, 900)))
    ended = draw(st.none() | st.just((accepted or authorized) + length))
    return Past(
        draw(st.sampled_from(NUMBERS)),
        authorized,
        accepted,
        ended,
        talked=draw(flags),
        limit_seconds=draw(st.integers(0, 900)),
        refused=draw(flags) and accepted is None,
        privileged=draw(flags),
    )


QUESTIONS = st.builds(
    Question,
    st.just(AT),
    st.just(ZONE),
    st.sampled_from(NUMBERS),
    st.lists(pasts(), max_size=6),
    flags,
    st.integers(0, 6),
)


def permits(answer: Answer) -> tuple[bool, bool, float]:
    """What comes of it: whether it may be, whether it is recorded, how long it may be."""
    seconds = float("inf") if answer.seconds is None else answer.seconds
    return answer.refused is None, answer.recorded, seconds


@given(st.lists(RULES, max_size=8), QUESTIONS, st.randoms())
def test_the_order_makes_no_difference(rules: list[Rule], question: Question, mix: Any) -> None:
    shuffled = list(rules)
    mix.shuffle(shuffled)
    first, second = evaluate(rules, question), evaluate(shuffled, question)
    assert permits(first) == permits(second)
    assert sorted(map(str, first.asked)) == sorted(map(str, second.asked))
    kinds = [one.refused.rule.kind if one.refused else None for one in (first, second)]
    assert kinds[0] == kinds[1]


@given(st.lists(RULES, max_size=6), RULES, QUESTIONS)
def test_a_further_rule_never_permits_more(
    rules: list[Rule], further: Rule, question: Question
) -> None:
    before, after = (permits(evaluate(some, question)) for some in (rules, [*rules, further]))
    assert all(now <= once for now, once in zip(after, before, strict=True))


@given(RULES, QUESTIONS, pasts())
def test_a_further_call_never_permits_more(rule: Rule, question: Question, past: Past) -> None:
    more = replace(question, history=[*question.history, past])
    before, after = (permits(evaluate([rule], one)) for one in (question, more))
    assert all(now <= once for now, once in zip(after, before, strict=True))


@given(RULES, QUESTIONS)
def test_what_lies_before_the_window_isnt_needed(rule: Rule, question: Question) -> None:
    since = counts_since([rule], question)
    recent = [one for one in question.history if since and (one.ended_at or AT) >= since]
    needed = replace(question, history=recent)
    assert evaluate([rule], needed) == evaluate([rule], question)


def test_the_strictest_wins() -> None:
    rules = [
        Rule(layer, Kind.LONGEST_CALL_SECONDS, seconds)
        for layer, seconds in zip(Layer, (1200, 900, 600, 900, 1200), strict=True)
    ]
    answer = evaluate(rules, Question(AT, ZONE, NUMBERS[0]))
    assert answer.seconds == 600
    assert answer.shortest is not None
    assert answer.shortest.layer is Layer.PHONE


def past(minutes: float, number: str = NUMBERS[0], **more: Any) -> Past:
    """A talk of one minute that began so long ago."""
    began = AT - timedelta(minutes=minutes)
    facts = {"talked": True, "limit_seconds": 900, "refused": False, "privileged": False} | more
    return Past(number, began, began, began + timedelta(minutes=1), **facts)


CASES: list[tuple[Kind, object, list[Past], bool]] = [
    (Kind.CALLS_PER_DAY, 2, [past(10), past(20)], True),
    (Kind.CALLS_PER_DAY, 2, [past(10), past(60 * 24)], False),
    (Kind.CALLS_PER_WEEK, 2, [past(10), past(60 * 24)], True),
    (Kind.CALLS_PER_MONTH, 2, [past(10), past(60 * 24 * 5)], False),
    (Kind.CALLS_PER_DAY, 2, [past(10), past(20, privileged=True)], False),
    (Kind.MINUTES_PER_DAY, 2, [past(10), past(20)], True),
    (Kind.MINUTES_PER_DAY, 3, [past(10), past(20)], False),
    (Kind.PAUSE_SECONDS, 600, [past(5)], True),
    (Kind.PAUSE_SECONDS, 600, [past(11)], False),
    (Kind.ATTEMPTS, "2 in 60", [past(5), past(10)], True),
    (Kind.ATTEMPTS, "2 in 60", [past(5), past(10, NUMBERS[1])], False),
    (Kind.ATTEMPTS, "2 in 60", [past(5), past(61)], False),
    (Kind.REFUSALS, "1 in 60", [past(5, refused=True, talked=False)], True),
    (Kind.REFUSALS, "1 in 60", [past(5)], False),
    (Kind.ONE_LIVE_CALL, "on", [past(5)], False),
]


@pytest.mark.parametrize(("kind", "written", "history", "refused"), CASES)
def test_what_counts(kind: Kind, written: object, history: list[Past], refused: bool) -> None:
    rule = Rule(Layer.PERSON, kind, CONTROLS[kind].read(written))
    answer = evaluate([rule], Question(AT, ZONE, NUMBERS[0], history))
    assert (answer.refused is not None) is refused, answer.asked


def test_a_numbers_own_rule_counts_calls_to_that_number() -> None:
    question = Question(AT, ZONE, NUMBERS[0], [past(5, NUMBERS[1]), past(10, NUMBERS[1])])
    for layer, refused in ((Layer.PERSON, True), (Layer.NUMBER, False)):
        answer = evaluate([Rule(layer, Kind.CALLS_PER_DAY, 2)], question)
        assert (answer.refused is not None) is refused


@pytest.mark.parametrize(
    ("mode", "on_list", "entries", "refused"),
    [
        ("off", False, 9, False),
        ("allow_list 2", True, 2, False),
        ("allow_list 2", False, 0, True),
        ("self_learning 2", False, 1, False),
        ("self_learning 2", False, 2, True),
        ("self_learning 2", True, 2, False),
    ],
)
def test_a_persons_list(mode: str, on_list: bool, entries: int, refused: bool) -> None:
    rule = Rule(Layer.FACILITY, Kind.PAN, CONTROLS[Kind.PAN].read(mode))
    question = Question(AT, ZONE, NUMBERS[0], on_list=on_list, entries=entries)
    assert (evaluate([rule], question).refused is not None) is refused


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("written", ["", "maybe", -1, "5 by 60", {"mode": "all"}, None, [], 10**9])
def test_rubbish_is_refused_in_a_sentence(kind: Kind, written: object) -> None:
    with pytest.raises(PolicyError):
        CONTROLS[kind].read(written)


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_what_was_read_reads_the_same(kind: Kind, data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    once = CONTROLS[kind].read(value)
    assert CONTROLS[kind].read(once) == once
