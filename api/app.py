"""The application: every router over one platform."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from api import (
    accounts,
    activity,
    attorneys,
    bulk_lists,
    envelope,
    facilities,
    jail,
    kept_orders,
    lines,
    list_files,
    live_calls,
    numbers,
    numbers_everywhere,
    opening,
    pan,
    payments,
    people,
    personal,
    policy,
    privilege,
    problems,
    products,
    quarantine,
    query,
    refunds,
    staff,
    standing,
    statements,
    terms,
    trunks,
)
from api.context import Context
from store.version import CODE_VERSION

ROUTERS = tuple(
    room.router
    for room in (
        *(products, terms, opening, accounts, standing, activity, payments),
        *(refunds, statements, personal, facilities),
        *(people, jail, staff),
        *(policy, numbers, numbers_everywhere, bulk_lists, list_files, pan),
        *(privilege, attorneys, quarantine, lines, trunks, live_calls, kept_orders),
    )
)
_PROBLEM = {
    "description": "Any error: a problem document (RFC 9457).",
    "content": {problems.MEDIA_TYPE: {"schema": problems.ProblemDocument.model_json_schema()}},
}


def create_app(context: Context) -> FastAPI:
    """The API of the platform that ``context`` tells of."""
    app = FastAPI(
        title="Parloir",
        version=CODE_VERSION,
        description="Calls from custody: accounts that pay for them, and who may call whom. "
        "Amounts are whole US cents.",
        # Their pages load programs from elsewhere.
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(query.known_only)],
        responses={"4XX": _PROBLEM, "5XX": _PROBLEM, 422: _PROBLEM},
    )
    app.state.context = context
    app.add_middleware(envelope.Envelope)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
