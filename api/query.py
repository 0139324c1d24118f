"""What isn't known in a query is an error, as in a body: what is misspelt isn't ignored."""

from __future__ import annotations

from fastapi import Request

from api.problems import Kind, Problem


def known_only(request: Request) -> None:
    """The dependency of every endpoint: the query says nothing but what the document tells of."""
    operations = request.app.openapi()["paths"][request.scope["route"].path]
    parameters = operations[request.method.lower()].get("parameters", [])
    known = {one["name"] for one in parameters if one["in"] == "query"}
    if unknown := sorted(request.query_params.keys() - known):
        raise Problem(Kind.INVALID, f"not known in the query: {', '.join(map(repr, unknown))}")
