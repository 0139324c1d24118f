"""Two phones, no exchange between them: what one does, the other sees and hears."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from phones.clip import Clip
from phones.events import PhoneError
from phones.phone import Phone
from tests.phones.sounds import babble, write_wav

Pair = tuple[Phone, Phone]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("words")
    return [write_wav(folder / f"word-{n}.wav", babble(n, 900 + 400 * n)) for n in range(3)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with Phone("ann", tmp_path / "ann") as ann, Phone("bob", tmp_path / "bob") as bob:
        yield ann, bob


def connect(ann: Phone, bob: Phone) -> None:
    ann.call(bob.uri)
    bob.wait_incoming()
    bob.answer()
    ann.wait_connected()
    bob.wait_connected()


def test_a_call_rings_before_it_is_answered(pair: Pair) -> None:
    ann, bob = pair
    ann.call(bob.uri)
    assert "sip:ann@" in bob.wait_incoming().caller
    rang = ann.wait_ringing()
    bob.answer()
    assert ann.wait_connected() >= rang


def test_keys_arrive_in_order(pair: Pair) -> None:
    ann, bob = pair
    connect(ann, bob)
    ann.press("0123456789*#")
    bob.press("55")
    bob.wait_digits("0123456789*#")
    ann.wait_digits("55")
    assert ann.digits == "55"


def test_each_hears_what_the_other_says(pair: Pair, words: list[Path]) -> None:
    ann, bob = pair
    one, two, never = (Clip.load(path) for path in words)
    connect(ann, bob)
    ann.play(words[0])
    bob.play(words[1])
    heard = bob.wait_heard(one)
    assert heard.until - heard.at == timedelta(milliseconds=one.length_ms)
    ann.wait_heard(two)
    ann.play(words[0])
    again = bob.wait_heard([one, one])
    assert bob.wait_heard(one, after=heard.until).until == again.until
    assert [told.clip for told in bob.transcript([one, two, never])] == [one, one]
    assert bob.not_heard(never)
    assert ann.not_heard(one)


def test_silence_cuts_speech_short(pair: Pair, words: list[Path]) -> None:
    ann, bob = pair
    one, two, three = (Clip.load(path) for path in words)
    connect(ann, bob)
    ann.play(words[2])
    bob.wait_heard(three.first(500))
    ann.silence()
    bob.play(words[0])
    ann.wait_heard(one)
    ann.play(words[1])
    bob.wait_heard(two)
    assert bob.not_heard(three)


def test_a_looped_clip_comes_again(pair: Pair, words: list[Path]) -> None:
    ann, bob = pair
    connect(ann, bob)
    ann.play(words[0], loop=True)
    word = Clip.load(words[0])
    thrice = bob.wait_heard([word] * 3)
    assert thrice.until - thrice.at > timedelta(milliseconds=2.5 * word.length_ms)


def test_either_side_sees_the_other_hang_up(pair: Pair) -> None:
    ann, bob = pair
    for leaver, left in ((ann, bob), (bob, ann)):
        connect(ann, bob)
        gone = leaver.hangup()
        seen = left.wait_disconnected()
        assert seen.code == 200
        assert abs(seen.at - gone.at) < timedelta(seconds=1)


def test_a_refused_call_says_why(pair: Pair) -> None:
    ann, bob = pair
    ann.call(bob.uri)
    bob.wait_incoming()
    bob.answer(603)
    assert ann.wait_disconnected().code == 603
    with pytest.raises(PhoneError, match="603"):
        ann.wait_connected()


def test_what_is_said_before_the_answer_is_heard_and_then_the_final_code(
    pair: Pair, words: list[Path]
) -> None:
    ann, bob = pair
    announcement = Clip.load(words[1])
    bob.play(words[1])
    ann.call(bob.uri)
    bob.wait_incoming()
    bob.answer(183)
    ann.wait_heard(announcement)
    bob.answer(503)
    assert ann.wait_disconnected().code == 503
    assert "connected" not in {event.name for event in ann.events}


def test_what_is_to_be_said_waits_for_the_answer(pair: Pair, words: list[Path]) -> None:
    ann, bob = pair
    greeting = Clip.load(words[2])
    bob.play(words[2])
    ann.call(bob.uri)
    bob.wait_incoming()
    bob.answer()
    answered = ann.wait_connected()
    assert ann.wait_heard(greeting).at - answered < timedelta(seconds=1)


def test_a_phone_that_does_not_ring_says_nothing(tmp_path: Path) -> None:
    with (
        Phone("ann", tmp_path / "ann") as ann,
        Phone("bob", tmp_path / "bob", rings=False) as bob,
    ):
        ann.call(bob.uri)
        bob.wait_incoming()
        with pytest.raises(PhoneError, match="not ringing"):
            ann.wait_ringing(0.5)
        ann.hangup()


def test_a_muted_phone_sends_nothing_until_it_is_unmuted(pair: Pair, words: list[Path]) -> None:
    ann, bob = pair
    word = Clip.load(words[0])
    connect(ann, bob)
    bob.play(words[0], loop=True)
    ann.wait_heard(word)
    bob.mute()
    ann.play(words[1])
    muted = bob.wait_heard(Clip.load(words[1])).at
    assert ann.not_heard(word, after=muted)
    bob.unmute()
    bob.play(words[0])
    assert ann.wait_heard(word, after=muted)


def test_a_caller_may_give_up(pair: Pair) -> None:
    ann, bob = pair
    ann.call(bob.uri)
    bob.wait_incoming()
    assert ann.hangup().code == 487
    assert bob.wait_disconnected().code == 487


def test_a_second_caller_finds_the_phone_busy(pair: Pair, tmp_path: Path) -> None:
    ann, bob = pair
    connect(ann, bob)
    with Phone("cleo", tmp_path / "cleo") as cleo:
        cleo.call(bob.uri)
        assert cleo.wait_disconnected().code == 486
    ann.press("7")
    bob.wait_digits("7")
    assert [event.name for event in bob.events].count("disconnected") == 0


def test_a_failed_wait_tells_what_was_heard(tmp_path: Path, words: list[Path]) -> None:
    one, two, _ = (Clip.load(path) for path in words)
    with (
        Phone("ann", tmp_path / "ann") as ann,
        Phone("bob", tmp_path / "bob", vocabulary=[one]) as bob,
    ):
        connect(ann, bob)
        ann.play(words[0])
        bob.wait_heard(one)
        with pytest.raises(PhoneError, match=r"not heard: word-1 (.|\n)*heard word-0"):
            bob.wait_heard(two, timeout=0.3)
        ann.hangup()
        with pytest.raises(PhoneError, match="call over"):
            bob.wait_heard(two, timeout=30)


def test_an_order_that_cannot_be_carried_out_is_an_error(pair: Pair) -> None:
    ann, _ = pair
    ann.press("1")
    with pytest.raises(PhoneError, match="no call"):
        ann.wait_digits("1")


def test_a_registrar_that_does_not_answer_is_an_error(pair: Pair, tmp_path: Path) -> None:
    ann, _ = pair
    registrar = f"127.0.0.1:{ann.port}"  # a phone: it takes no registrations
    with (
        Phone("dan", tmp_path / "dan", password="x", registrar=registrar) as dan,
        pytest.raises(PhoneError, match="not registered"),
    ):
        dan.register(timeout=0.5)


def test_three_calls_at_once_do_not_mix(tmp_path: Path, words: list[Path]) -> None:
    clips = [Clip.load(path) for path in words]
    with ExitStack() as stack:
        pairs = [
            (
                stack.enter_context(Phone(f"a{n}", tmp_path / f"a{n}")),
                stack.enter_context(Phone(f"b{n}", tmp_path / f"b{n}")),
            )
            for n in range(3)
        ]

        def talk(n: int) -> list[str]:
            ann, bob = pairs[n]
            connect(ann, bob)
            ann.play(words[n])
            bob.wait_heard(clips[n])
            ann.press(str(n))
            bob.wait_digits(str(n))
            bob.hangup()
            ann.wait_disconnected()
            return [told.clip.name for told in bob.transcript(clips)]

        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(talk, range(3)))
    assert told == [["word-0"], ["word-1"], ["word-2"]]
