"""Every error as a problem document (RFC 9457), and never more than its sentence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from accounts.ledger import KeyReused, LedgerError
from accounts.payments.gateway import GatewayError, WebhookRefused
from blocklists.faults import CantBe, ListRefused, NotThere
from blocklists.lists import NumberError
from custody.jail.faults import JailRefused
from custody.places import PlaceError

MOST_ERRORS = 1000
MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class Kind(Enum):
    """What went wrong: the end of the problem's type, its status, its title."""

    NO_TOKEN = "no-token", 401, "A valid token is needed"
    NOT_ALLOWED = "not-allowed", 403, "This token may not do that"
    NOT_FOUND = "not-found", 404, "There is no such thing, or it isn't yours"
    REFUSED = "refused", 409, "It can't be done"
    TOO_LARGE = "too-large", 413, "The request is too large"
    INVALID = "invalid", 422, "The request can't be understood"
    KEY_REUSED = "key-reused", 422, "The Idempotency-Key was used for something else"
    TOO_MANY = "too-many", 429, "Too many requests"
    BROKEN = "broken", 500, "The platform failed"
    UNAVAILABLE = "unavailable", 503, "The platform can't answer now"

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug, self.status, self.title = slug, status, title


class ProblemDocument(BaseModel):
    """What an error says (RFC 9457). ``errors`` names each fault of the request."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[str] = []


class Problem(Exception):
    """An endpoint's error: becomes a problem document."""

    def __init__(
        self, kind: Kind, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind, self.headers = kind, headers


def too_many(seconds: int) -> Problem:
    """Too many requests; says when to ask again."""
    return Problem(Kind.TOO_MANY, f"ask again in {seconds} s", {"Retry-After": str(seconds)})


def document(
    kind: Kind,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    errors: Sequence[str] = (),
) -> JSONResponse:
    """The answer that says what went wrong."""
    body = ProblemDocument(
        type=f"urn:parloir:problem:{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail or kind.title,
        errors=list(errors),
    )
    return JSONResponse(body.model_dump(), kind.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(LedgerError, _refused)
    app.add_exception_handler(WebhookRefused, _forged)
    app.add_exception_handler(GatewayError, _gateway)
    app.add_exception_handler(NumberError, _number)
    app.add_exception_handler(PlaceError, _place)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(Exception, _broken)


def _problem(_request: Request, error: Any) -> JSONResponse:
    return document(error.kind, str(error), error.headers)


def _refused(_request: Request, error: Exception) -> JSONResponse:
    kind = Kind.KEY_REUSED if isinstance(error, KeyReused) else Kind.REFUSED
    return document(kind, str(error))


def _forged(_request: Request, error: Exception) -> JSONResponse:
    return document(Kind.INVALID, str(error))


def _gateway(_request: Request, error: Exception) -> JSONResponse:
    """What the gateway said is for the log, not for whoever pays."""
    _log.error("the gateway: %s", error)
    detail = "payments can't be taken now: ask again with the same Idempotency-Key"
    return document(Kind.UNAVAILABLE, detail, {"Retry-After": "5"})


def _number(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, NotThere):
        return document(Kind.NOT_FOUND, str(error))
    if isinstance(error, ListRefused):
        faults = [f"line {line}: {what}" for line, what in error.faults]
        return document(Kind.INVALID, str(error), errors=faults)
    return document(Kind.REFUSED if isinstance(error, CantBe) else Kind.INVALID, str(error))


def _place(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, JailRefused):
        return document(Kind.INVALID, str(error), errors=error.lines[:MOST_ERRORS])
    return document(Kind.REFUSED, str(error))


def _invalid(_request: Request, error: Any) -> JSONResponse:
    faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return document(Kind.INVALID, "; ".join(faults), errors=faults)


def _http(_request: Request, error: Any) -> JSONResponse:
    """What the framework refuses by itself: no such path, no such method, no JSON."""
    title = HTTPStatus(error.status_code).phrase
    body = ProblemDocument(
        type="about:blank", title=title, status=error.status_code, detail=str(error.detail)
    )
    return JSONResponse(body.model_dump(), error.status_code, error.headers, MEDIA_TYPE)


def _unavailable(_request: Request, _error: Exception) -> JSONResponse:
    return document(Kind.UNAVAILABLE, "the database doesn't answer", {"Retry-After": "5"})


def _broken(_request: Request, _error: Exception) -> JSONResponse:
    return document(Kind.BROKEN, "it was written to the log")
