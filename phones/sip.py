"""The SIP side of a test phone: library, account and call, all on the main thread.

Part of the phone program (pjsua2, GPL): imported by :mod:`phones.program` only.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pjsua2

from phones.sound import CLOCK_RATE, FRAME_MS

Emit = Callable[..., None]

CODEC = "PCMU/8000"
JITTER_MS = 40
DEFAULT_STREAM = -1
# Between Asterisk's range and the one that the kernel gives out.
RTP_PORTS = (20000, 32000)
BUSY = pjsua2.PJSIP_SC_BUSY_HERE


def start_library(bind: str, port: int, log: str, *, tls: bool) -> tuple[Any, int]:
    """Start pjsua2 with no sound card and no worker thread; the endpoint and its UDP port."""
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    endpoint.libInit(_config(log))
    transport = pjsua2.TransportConfig()
    transport.boundAddress, transport.port = bind, port
    number = endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_UDP, transport)
    if tls:
        over_tls = pjsua2.TransportConfig()
        over_tls.boundAddress = bind
        endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_TLS, over_tls)
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith(CODEC) else 0)
    endpoint.libStart()
    local = endpoint.transportGetInfo(number).localName
    return endpoint, int(local.rpartition(":")[2])


def _config(log: str) -> Any:
    config = pjsua2.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = 4
    config.logConfig.filename, config.logConfig.level = log, 4
    config.logConfig.consoleLevel = 0
    media = config.medConfig
    media.clockRate = media.sndClockRate = CLOCK_RATE
    media.channelCount, media.audioFramePtime, media.ptime = 1, FRAME_MS, FRAME_MS
    media.hasIoqueue, media.threadCnt = False, 0
    media.ecTailLen, media.noVad, media.quality = 0, True, 1
    # Of fixed depth, since a jitter buffer that adapts drops or repeats frames of speech.
    media.jbInit = media.jbMinPre = media.jbMaxPre = JITTER_MS
    return config


def account_config(
    bind: str, port: int, user: str, password: str, registrar: str, *, tls: bool, srtp: bool
) -> Any:
    """An account at ``registrar`` ("host:port"), or with none a phone called by its address.

    ``tls``: its SIP is; ``srtp``: its sound is, or there is none.
    """
    config = pjsua2.AccountConfig()
    config.idUri = f"sip:{user}@{registrar or f'{bind}:{port}'}"
    config.mediaConfig.transportConfig.boundAddress = bind
    # The library's own choice, the lowest that is free, may be one that a dead phone has just
    # left: its call's sound would be heard here.
    config.mediaConfig.transportConfig.port = random.randrange(*RTP_PORTS, 2)
    config.regConfig.registerOnAdd = False
    if registrar:
        config.regConfig.registrarUri = f"sip:{registrar}{';transport=tls' if tls else ''}"
        if tls:
            config.sipConfig.proxies.append(f"sip:{registrar};transport=tls;lr")
        config.regConfig.retryIntervalSec = 0
        config.sipConfig.authCreds.append(pjsua2.AuthCredInfo("digest", "*", user, 0, password))
    if srtp:
        config.mediaConfig.srtpUse = pjsua2.PJMEDIA_SRTP_MANDATORY
        config.mediaConfig.srtpSecureSignaling = 0
    return config


class Account(pjsua2.Account):
    """Reports registrations and hands incoming calls to ``ring``."""

    def __init__(self, emit: Emit, ring: Callable[[int], None]) -> None:
        super().__init__()
        self._emit = emit
        self._ring = ring

    def onRegState(self, param: Any) -> None:
        """Say whether the registrar took us."""
        name = "registered" if param.code // 100 == 2 else "registration_failed"
        self._emit(name, code=param.code, reason=param.reason)

    def onIncomingCall(self, param: Any) -> None:
        """Let it ring."""
        self._ring(param.callId)


class Call(pjsua2.Call):
    """Reports what becomes of one call; ``media`` and ``gone`` are told of those two."""

    def __init__(
        self,
        account: Account,
        number: int,
        emit: Emit,
        media: Callable[[Any], None],
        gone: Callable[[], None],
    ) -> None:
        super().__init__(account, number)
        self._emit = emit
        self._media = media
        self._gone = gone

    def onCallState(self, param: Any) -> None:
        """Report the new state; a hang-up with the Q.850 cause that the peer gave, if any."""
        info = self.getInfo()
        calling = info.role == pjsua2.PJSIP_ROLE_UAC
        if info.state == pjsua2.PJSIP_INV_STATE_EARLY and calling:
            self._emit("ringing", code=info.lastStatusCode)
        elif info.state == pjsua2.PJSIP_INV_STATE_CONFIRMED:
            self._emit("connected")
        elif info.state == pjsua2.PJSIP_INV_STATE_DISCONNECTED:
            found = re.search(r"^Reason:.*cause=(\d+)", _message(param), re.MULTILINE | re.I)
            self._emit(
                "disconnected",
                code=info.lastStatusCode,
                reason=info.lastReason,
                cause=int(found[1]) if found else None,
            )
            self._gone()

    def onCallMediaState(self, param: Any) -> None:
        """Join the call's audio to the phone's ear and mouth once it flows."""
        info = self.getInfo()  # its media list dies with it
        for index, media in enumerate(info.media):
            flows = media.status == pjsua2.PJSUA_CALL_MEDIA_ACTIVE
            if media.type == pjsua2.PJMEDIA_TYPE_AUDIO and flows:
                self._media(self.getAudioMedia(index))
                self._emit("media")

    def hush(self, hushed: bool) -> None:
        """Leave silence out of the sound that is sent, or don't."""
        codec = pjsua2.Endpoint.instance().codecGetParam(CODEC)
        codec.setting.vad = hushed
        self.audStreamModifyCodecParam(DEFAULT_STREAM, codec)

    def onDtmfDigit(self, param: Any) -> None:
        """Report a key of the other side."""
        self._emit("digit", digit=param.digit)


def _message(param: Any) -> str:
    event = param.e
    if event.type != pjsua2.PJSIP_EVENT_TSX_STATE:
        return ""
    change = event.body.tsxState
    return str(change.src.rdata.wholeMsg) if change.type == pjsua2.PJSIP_EVENT_RX_MSG else ""
