"""What a test phone does with its line: calls, keys, voice, ear.

Part of the phone program (pjsua2, GPL): imported by :mod:`phones.program` only.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

import pjsua2

from phones import sip
from phones.sound import Player, Recorder, silent_wav

POLL_MS = 10
TICK_SECONDS = 0.1
GOODBYE_SECONDS = 0.5


class Handset:
    """The one phone of a process; each ``do_...`` is an order, each event goes to ``emit``."""

    def __init__(self, directory: Path, emit: sip.Emit) -> None:
        self._directory = directory
        self._emit = emit
        self._keys: deque[tuple[str, int, int]] = deque()
        self._next_key = 0.0
        self._next_tick = 0.0
        self._call: sip.Call | None = None
        self._ended: list[Any] = []
        self._audio: Any = None
        self._speech: Player | None = None
        self.running = True

    def do_start(
        self,
        user: str,
        password: str,
        registrar: str,
        bind: str,
        port: int,
        rings: bool,
        tls: bool,
        srtp: bool,
    ) -> None:
        """Open the phone at ``bind``; ``port`` 0 takes a free one."""
        self._rings = rings
        log = str(self._directory / "sip.log")
        self._endpoint, port = sip.start_library(bind, port, log, tls=tls)
        self._recorder = Recorder(self._directory / "heard.pcm")
        self._silence = Player(silent_wav(self._directory / "silence.wav"), loop=True)
        self._silence.startTransmit(self._recorder)
        self._account = sip.Account(self._emit, self._ring)
        known = (bind, port, user, password, registrar)
        self._account.create(sip.account_config(*known, tls=tls, srtp=srtp))
        self._emit("ready", port=port, user=user)

    def do_register(self) -> None:
        """Register at the registrar."""
        self._account.setRegistration(True)

    def do_call(self, uri: str) -> None:
        """Call ``uri``."""
        if self._call is not None:
            raise RuntimeError("a call is on already")
        self._call = self._new_call(pjsua2.PJSUA_INVALID_ID)
        self._call.makeCall(uri, pjsua2.CallOpParam(True))

    def do_answer(self, code: int) -> None:
        """Answer the incoming call with a SIP status: 200 lifts, 183 opens the sound only."""
        self._current().answer(_status(code))

    def do_hangup(self, code: int) -> None:
        """End the call; ``code`` counts only while it isn't answered (0: the library's choice)."""
        if self._call is not None:  # else the other side was quicker
            self._call.hangup(_status(code))

    def do_press(self, digits: str, duration: int, gap: int) -> None:
        """Queue keys to be pressed one after another."""
        self._current()
        self._keys.extend((digit, duration, gap) for digit in digits)

    def do_play(self, path: str, loop: bool) -> None:
        """Say what is in a WAV file instead of silence or of what is being said."""
        self.do_silence()
        self._speech = Player(path, loop=loop)
        if self._audio is not None:
            self._speech.startTransmit(self._audio)

    def do_silence(self) -> None:
        """Stop speaking."""
        self._speech = None

    def do_mute(self) -> None:
        """Send no more sound, not even silence."""
        self.do_silence()
        self._current().hush(True)
        self._silence.stopTransmit(self._audio)

    def do_unmute(self) -> None:
        """Send sound again."""
        self._current().hush(False)
        self._silence.startTransmit(self._audio)

    def do_quit(self) -> None:
        """Leave."""
        self.running = False

    def _current(self) -> sip.Call:
        if self._call is None:
            raise RuntimeError("no call")
        return self._call

    def _new_call(self, number: int) -> sip.Call:
        return sip.Call(self._account, number, self._emit, self._join, self._part)

    def _ring(self, number: int) -> None:
        if self._call is not None:
            self._ended.append(pjsua2.Call(self._account, number))
            self._ended[-1].hangup(_status(sip.BUSY))
            return
        self._call = self._new_call(number)
        self._emit("incoming", caller=self._call.getInfo().remoteUri)
        if self._rings:
            self.do_answer(pjsua2.PJSIP_SC_RINGING)

    def _join(self, audio: Any) -> None:
        # The library sends neither RTP nor keys before a source is connected: hence the silence.
        self._audio = audio
        audio.startTransmit(self._recorder)
        self._silence.startTransmit(audio)
        if self._speech is not None:
            self._speech.startTransmit(audio)

    def _part(self) -> None:
        # Kept until the next round: the library is still inside this call's own callback.
        self._ended.append(self._call)
        self._call = self._audio = None
        self._keys.clear()

    def turn(self) -> None:
        """One round: let the library work, press the key that is due, tick."""
        self._endpoint.libHandleEvents(POLL_MS)
        self._ended.clear()
        now = time.monotonic()
        if self._keys and now >= self._next_key:
            self._press_one(now)
        if now >= self._next_tick and self._recorder.samples:
            self._next_tick = now + TICK_SECONDS
            self._emit("tick", started=self._recorder.started, samples=self._recorder.samples)

    def _press_one(self, now: float) -> None:
        digit, duration, gap = self._keys.popleft()
        self._next_key = now + (duration + gap) / 1000
        key = pjsua2.CallSendDtmfParam()
        key.method, key.duration, key.digits = pjsua2.PJSUA_DTMF_METHOD_RFC2833, duration, digit
        self._current().sendDtmf(key)
        self._emit("pressed", digit=digit)

    def obey(self, order: dict[str, Any]) -> None:
        """Carry out one order: its name under ``do``, its details beside."""
        getattr(self, f"do_{order.pop('do')}")(**order)

    def close(self) -> None:
        """Hang up and let the goodbye leave."""
        self._endpoint.hangupAllCalls()
        last = time.monotonic() + GOODBYE_SECONDS
        while self._call is not None and time.monotonic() < last:
            self._endpoint.libHandleEvents(POLL_MS)


def _status(code: int) -> Any:
    param = pjsua2.CallOpParam()
    param.statusCode = code
    return param
