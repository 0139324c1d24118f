"""The channel: pyst2's vocabulary on a fake wire."""

from __future__ import annotations

import inspect
from collections import deque
from typing import Any

import pytest
from asterisk.agi import AGI
from hypothesis import given
from hypothesis import strategies as st

from agi import wire
from agi.channel import (
    AGIAppError,
    AGIDBError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGIUsageError,
    Channel,
)
from tests.agi.asterisk_side import words_of

PLUMBING = {"execute", "get_result", "send_command", "test_hangup"}
COMMANDS = sorted(
    name
    for name, _ in inspect.getmembers(AGI, inspect.isfunction)
    if not name.startswith("_") and name not in PLUMBING
)
TOKEN = "tOkEn"


class FakeWire:
    """Answers each command with the next bytes; a second command before that is an error."""

    def __init__(self, *answers: bytes, default: bytes = b"") -> None:
        self.sent: list[bytes] = []
        self._answers = deque(answers)
        self._default = default
        self._parser = wire.Parser()
        self._parser.feed(b"\n")
        self._events: deque[wire.Event] = deque()
        self._due = False

    def send(self, data: bytes) -> None:
        assert not self._due, "one command in flight"
        self._due = True
        self.sent.append(data)

    def arrive(self, data: bytes) -> None:
        self._events += self._parser.feed(data) if data else self._parser.close()

    def poll(self) -> wire.Event | None:
        return self._events.popleft() if self._events else None

    def next_event(self) -> wire.Event:
        if self._due and not self._events:
            self._due = False
            self.arrive(self._answers.popleft() if self._answers else self._default)
        if not self._events:
            self.arrive(b"")
        return self._events.popleft()


def channel(*answers: bytes, default: bytes = b"200 result=0\n") -> tuple[Channel, FakeWire]:
    fake = FakeWire(*answers, default=default)
    env = {"agi_context": "here", "agi_extension": "s", "agi_priority": "1"}
    return Channel(fake, env), fake


def arguments(name: str, word: str) -> list[Any]:
    """``word`` for every argument of the command ``name``."""
    if name == "get_data":
        return [[word], 1000, 4]
    if name == "exec_command":
        return [word, word, word]
    return [word] * (len(inspect.signature(getattr(AGI, name)).parameters) - 1)


def call(name: str, word: str) -> list[bytes]:
    """Call one of pyst2's commands with ``word`` everywhere; what went over the wire."""
    line, fake = channel(default=b"200 result=1 (1)\n")
    try:
        getattr(line, name)(*arguments(name, word))
    except AGIError:
        assert fake.sent, "the reply's fault, not the command's"
    return fake.sent


def test_pyst2_has_the_commands_that_are_proved_here() -> None:
    assert len(COMMANDS) == 37


@pytest.mark.parametrize("name", COMMANDS)
@given(
    st.one_of(
        st.sampled_from(['a"b', "1\nHANGUP", "a\0b", "a\\", '\\"', "a b\tc", '" "', "x\r\ny", "'"]),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    )
)
def test_a_hostile_argument_stays_one_word_on_one_line(name: str, hostile: str) -> None:
    plain, sent = call(name, TOKEN), call(name, hostile)
    clean = "".join(" " if _control(one) else one for one in hostile)
    assert len(sent) == len(plain)
    for line, model in zip(sent, plain, strict=True):
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")
        assert words_of(line) == [word.replace(TOKEN, clean) for word in words_of(model)]


def _control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


@pytest.mark.parametrize("name", [one for one in COMMANDS if one not in ("answer", "noop")])
def test_ten_thousand_characters_are_refused_unsent(name: str) -> None:
    line, fake = channel()
    with pytest.raises(wire.CommandRefused):
        getattr(line, name)(*arguments(name, "x" * 10_000))
    assert fake.sent == []


def test_making_a_channel_leaves_signals_and_stderr_alone(
    capfd: pytest.CaptureFixture[str],
) -> None:
    line, _ = channel()
    line.answer()
    assert capfd.readouterr() == ("", "")


def test_a_notice_before_the_reply_does_not_take_its_place() -> None:
    line, _ = channel(b"HANGUP\n200 result=1 (mine)\n")
    assert line.get_variable("X") == "mine"
    assert line.hung_up


def test_after_a_hangup_only_what_a_dead_channel_takes_is_sent() -> None:
    line, fake = channel(default=b"200 result=1 (v)\n")
    fake.arrive(b"HANGUP\n")
    with pytest.raises(AGIHangup):
        line.stream_file("welcome")
    assert fake.sent == []
    line.set_variable("X", "1")
    line.verbose("still here")
    line.noop()
    assert line.get_variable("X") == "v"
    assert line.database_get("a", "b") == "v"
    assert len(fake.sent) == 5


def test_511_means_hung_up() -> None:
    line, fake = channel(b"511 Command Not Permitted on a dead channel\n")
    with pytest.raises(AGIHangup):
        line.answer()
    with pytest.raises(AGIHangup):
        line.answer()
    assert len(fake.sent) == 1


@pytest.mark.parametrize(
    "answers",
    [
        (b"HANGUP\n200 result=-1\n",),
        (b"200 result=-1\n", b"HANGUP\n511 Command Not Permitted\n"),
        (b"200 result=-1\n", b"511 Command Not Permitted\n"),
        (b"200 result=-1\n", b""),
    ],
)
def test_a_failure_on_a_dead_channel_is_a_hangup(answers: tuple[bytes, ...]) -> None:
    line, _ = channel(*answers)
    with pytest.raises(AGIHangup):
        line.stream_file("welcome")


def test_a_notice_that_is_here_already_spares_the_question() -> None:
    line, fake = channel(b"200 result=-1\nHANGUP\n")
    with pytest.raises(AGIHangup):
        line.stream_file("welcome")
    assert len(fake.sent) == 1


def test_a_failure_on_a_live_channel_is_the_sound() -> None:
    line, fake = channel(b"200 result=-1\n", b"200 result=6\n")
    with pytest.raises(AGIAppError) as caught:
        line.stream_file("nosuch")
    assert not isinstance(caught.value, AGIHangup)
    assert fake.sent[1:] == [b"CHANNEL STATUS\n"]
    line.stream_file("sorry")


@pytest.mark.parametrize("end", [b"", b"200 resu", b"520-Invalid\nUsage: x\n"])
def test_the_end_of_the_connection_is_a_hangup_for_every_command(end: bytes) -> None:
    line, fake = channel(end)
    for command in (line.answer, line.answer, line.noop):
        with pytest.raises(AGIHangup):
            command()
    assert len(fake.sent) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"510 Invalid or unknown command\n", AGIInvalidCommand),
        (b"520 Invalid command syntax.  Proper usage not available.\n", AGIUsageError),
        (b"520-Invalid.\nUsage: ANSWER\n520 End of proper usage.\n", AGIUsageError),
        (b"503 result=-2 Memory allocation failure\n", AGIError),
    ],
)
def test_our_own_mistakes_have_pyst2s_exceptions(answer: bytes, error: type[Exception]) -> None:
    line, _ = channel(answer)
    with pytest.raises(error):
        line.answer()
    line.noop()


def test_a_reply_that_nobody_asked_for_is_never_taken_for_an_answer() -> None:
    line, fake = channel(b"200 result=1 (a)\n200 result=1 (b)\n")
    assert line.get_variable("X") == "a"
    with pytest.raises(AGIError) as caught:
        line.get_variable("Y")
    assert not isinstance(caught.value, AGIHangup)
    assert len(fake.sent) == 1


def test_after_an_interrupted_wait_nothing_more_is_sent() -> None:
    line, fake = channel()
    fake.next_event = _interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        line.get_data(["pin"], 1000, 4)
    with pytest.raises(AGIError):
        line.set_variable("X", "1")
    assert len(fake.sent) == 1


def _interrupt() -> wire.Event:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("answer", "digits", "timed_out"),
    [
        (b"200 result=1234\n", "1234", False),
        (b"200 result=12 (timeout)\n", "12", True),
        (b"200 result= (timeout)\n", "", True),
        (b"200 result=\n", "", False),
    ],
)
def test_keys_and_how_they_ended(answer: bytes, digits: str, timed_out: bool) -> None:
    line, fake = channel(answer)
    got = line.get_data(["pin"], 3000, 4)
    assert (got, got.timed_out) == (digits, timed_out)
    assert fake.sent == [b'GET DATA "pin" "3000" "4"\n']


def test_sounds_follow_each_other_until_the_first_key() -> None:
    line, fake = channel(
        b"200 result=0 endpos=8\n", b"200 result=49 endpos=8\n", b"200 result=23\n"
    )
    assert line.get_data(["one", "two", "three"], 3000, 4) == "123"
    assert [words_of(sent)[2] for sent in fake.sent] == ["one", "two", ""]
    assert words_of(fake.sent[2]) == ["GET", "DATA", "", "3000", "3"]


def test_a_first_key_that_ends_the_entry_asks_for_no_more() -> None:
    line, fake = channel(b"200 result=35 endpos=8\n", b"200 result=49 endpos=8\n")
    assert line.get_data(["one", "two"], 3000, 4) == ""
    assert line.get_data(["one", "two"], 3000, 1) == "1"
    assert len(fake.sent) == 2


def test_a_routine_of_the_dialplan_is_through_with_its_second_reply() -> None:
    line, fake = channel(b"100 result=0 Trying...\n200 result=0 Gosub complete\n")
    line.gosub("listen")
    line.set_variable("NEXT", "1")
    assert [words_of(one) for one in fake.sent] == [
        ["GOSUB", "listen", "s", "1"],
        ["SET", "VARIABLE", "NEXT", "1"],
    ]


def test_who_hangs_up_in_a_routine_of_the_dialplan_has_hung_up() -> None:
    line, _ = channel(b"100 result=0 Trying...\nHANGUP\n200 result=-1\n")
    with pytest.raises(AGIHangup):
        line.gosub("listen")


def test_a_variable_whose_value_is_hangup_is_a_value() -> None:
    line, _ = channel(b"200 result=1 (hangup)\n", b"200 result=0\n")
    assert line.get_variable("X") == "hangup"
    assert line.get_variable("Y") == ""


def test_a_missing_entry_of_asterisks_database_is_an_error() -> None:
    line, _ = channel(b"200 result=0\n")
    with pytest.raises(AGIDBError):
        line.database_get("family", "key")
