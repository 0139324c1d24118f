"""The AGI parser and encoder: chunks, notices, limits, hostile words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi import wire
from agi.wire import Closed, Event, Hangup, Header, Parser, Reply
from tests.agi.asterisk_side import words_of

HEADER = b"agi_network: yes\nagi_network_script: inmate\nagi_arg_1: a: b\n\n"
ENV = {"agi_network": "yes", "agi_network_script": "inmate", "agi_arg_1": "a: b"}
REPLIES = {
    b"200 result=0\n": Reply(200, "result=0", "0"),
    b"200 result=-1\r\n": Reply(200, "result=-1", "-1"),
    b"200 result= (timeout)\n": Reply(200, "result= (timeout)", "", "timeout"),
    b"200 result=12 (timeout)\n": Reply(200, "result=12 (timeout)", "12", "timeout"),
    b"200 result=1 (a) b (c))\n": Reply(200, "result=1 (a) b (c))", "1", "a) b (c)"),
    b"200 result=49 (dtmf) endpos=16\n": Reply(
        200, "result=49 (dtmf) endpos=16", "49", "dtmf", "16"
    ),
    b"510 Invalid or unknown command\n": Reply(510, "Invalid or unknown command"),
    b"511 Command Not Permitted\n": Reply(511, "Command Not Permitted"),
    b"520 Invalid. Proper usage not available.\n": Reply(
        520, "Invalid. Proper usage not available."
    ),
    b"520-Invalid.\nUsage: x\n\n200 result=1\n520 End of proper usage.\n": Reply(
        520, "Invalid.\nUsage: x\n\n200 result=1\n520 End of proper usage."
    ),
}
replies = st.lists(st.sampled_from(sorted(REPLIES)), max_size=8)
pieces = b"agi_|: |\n|\n\n|\r\n|HANGUP|HANGUP\n|520-|520 |200 result=|511 |(|)|\0|\xff|endpos=|1| "
nearly_agi = st.lists(st.sampled_from(pieces.split(b"|"))).map(b"".join)


def read(*chunks: bytes) -> list[Event]:
    parser = Parser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.close()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(stream)) for place in places} | {len(stream)})
    return [stream[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(replies, st.data())
def test_a_hangup_between_any_two_lines_changes_no_reply(
    sent: list[bytes], data: st.DataObject
) -> None:
    lines = (HEADER + b"".join(sent)).splitlines(keepends=True)
    notices = data.draw(st.lists(st.integers(0, len(lines)), max_size=4))
    for place in sorted(notices, reverse=True):
        lines.insert(place, b"HANGUP\n")
    stream = b"".join(lines)
    places = data.draw(st.lists(st.integers(0, len(stream))))
    events = read(*cut(stream, places))
    assert events.count(Hangup()) == len(notices)
    assert [event for event in events if event != Hangup()] == [
        Header(ENV),
        *(REPLIES[one] for one in sent),
        Closed(),
    ]


@given(st.one_of(st.binary(), nearly_agi, nearly_agi.map(lambda tail: HEADER + tail)), st.data())
def test_any_bytes_in_any_chunks_give_the_same_events_and_one_end(
    stream: bytes, data: st.DataObject
) -> None:
    whole = read(stream)
    places = data.draw(st.lists(st.integers(0, len(stream))))
    assert read(*cut(stream, places)) == whole
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == whole
    assert [event for event in whole if isinstance(event, Closed)] == whole[-1:]


@given(replies, st.integers(min_value=0))
def test_an_end_anywhere_gives_what_was_whole(sent: list[bytes], length: int) -> None:
    stream = HEADER + b"".join(sent)
    whole = read(stream)
    events = read(stream[: length % (len(stream) + 1)])
    assert events[-1] == Closed()
    assert events[:-1] == whole[: len(events) - 1]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_a_variable_ends_at_the_last_bracket(value: str) -> None:
    line = f"200 result=1 ({value})\n".encode()
    assert read(b"\n", line)[1] == Reply(200, f"result=1 ({value})", "1", value)


@pytest.mark.parametrize(
    ("start", "more", "error"),
    [
        (b"", b"x" * 1000, "line too long"),
        (b"", b"a: b\n", "header too long"),
        (b"", b"rubbish\n", "header line without a colon"),
        (HEADER, b"x" * 1000, "line too long"),
        (HEADER, b"rubbish\n", "not a reply"),
        (HEADER + b"520-\n", b"usage\n", "usage too long"),
        (HEADER + b"520-\n", b"\n", "usage too long"),
    ],
)
def test_an_endless_peer_is_cut_off(start: bytes, more: bytes, error: str) -> None:
    parser = Parser()
    parser.feed(start)
    events = [event for _ in range(100_000) for event in parser.feed(more)]
    assert events == [Closed(error)]
    assert parser.close() == []


def test_a_caller_cannot_rename_the_script() -> None:
    stream = b"agi_network_script: inmate\nagi_calleridname: x\nagi_network_script: y\n\n"
    header = read(stream)[0]
    assert isinstance(header, Header)
    assert header.env["agi_network_script"] == "inmate"


@given(st.binary(max_size=50).filter(lambda raw: b"\n" not in raw))
def test_a_name_of_any_bytes_becomes_text_that_a_database_takes(raw: bytes) -> None:
    header = read(b"agi_calleridname: " + raw + b"\n\n")[0]
    assert isinstance(header, Header)
    name = header.env["agi_calleridname"]
    assert "\0" not in name
    assert name.encode("utf-8").decode("utf-8") == name


@given(st.lists(st.text(), max_size=10))
def test_a_command_is_one_line_with_one_word_an_argument(words: list[str]) -> None:
    line = wire.encode("SET VARIABLE", map(wire.quote, words))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    got = words_of(line)
    assert got[:2] == ["SET", "VARIABLE"]
    assert got[2:] == ["".join(map(_blank, word)) for word in words]


def _blank(character: str) -> str:
    if character < " " or "\x7f" <= character <= "\x9f":
        return " "
    return "?" if "\ud800" <= character <= "\udfff" else character


def test_an_empty_word_is_sent_only_when_it_is_meant() -> None:
    assert wire.encode("HANGUP", [""]) == b"HANGUP\n"
    assert wire.encode("SET VARIABLE", ["X", wire.quote("")]) == b'SET VARIABLE "X" ""\n'


@pytest.mark.parametrize("words", [["x" * 8190], ["é" * 4096], ["1"] * 127])
def test_what_asterisk_would_read_as_two_commands_is_refused(words: list[str]) -> None:
    with pytest.raises(wire.CommandRefused):
        wire.encode("VERBOSE", words)


def test_the_longest_command_passes() -> None:
    assert len(wire.encode("NOOP", ["x" * (wire.MAX_COMMAND_BYTES - 8)])) == 8191
