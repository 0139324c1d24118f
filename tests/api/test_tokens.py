"""Tokens: what can be made, what is kept, and that they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from accounts.products import Party
from api import tokens
from api.tokens import NewToken, Scope, TokenError
from parloir.main import main
from store.tables import api_tokens
from tests.api.desk import Desk
from tests.builders import ACCOUNT, DEBIT, FACILITY, PERSON

READ = frozenset({Scope.ACCOUNTS_READ})


def test_only_the_hash_is_kept(desk: Desk) -> None:
    secret = desk.token(Party.HOLDER, ACCOUNT)
    (row,) = desk.rows(api_tokens)
    assert secret not in str(row._mapping)
    assert len(row.sha256) == 64
    with desk.database.begin() as connection:
        assert tokens.find(connection, row.sha256) is None
        assert tokens.find(connection, secret) is not None


@pytest.mark.parametrize(
    ("role", "subject", "scopes", "why"),
    [
        (Party.DEPOSITOR, None, READ, "a depositor needs no token"),
        (Party.HOLDER, None, READ, "no account None for a holder's token"),
        (Party.HOLDER, "nobody", READ, "no account nobody"),
        (Party.HOLDER, "house.cash", READ, "no account house.cash"),
        (Party.HOLDER, DEBIT, READ, f"no account {DEBIT}"),
        (Party.PERSON, ACCOUNT, READ, f"no person {ACCOUNT}"),
        (Party.FACILITY, "nowhere", frozenset({Scope.REPORTS_READ}), "no facility nowhere"),
        (Party.FACILITY, FACILITY, READ, "a token for a facility can't have accounts:read"),
        (Party.HOLDER, ACCOUNT, frozenset({Scope.ACCOUNTS_MANAGE}), "can't have accounts:manage"),
        (Party.STAFF, ACCOUNT, READ, "belongs to no account"),
        (Party.STAFF, None, frozenset(), "name a scope"),
    ],
)
def test_what_no_token_is_made_for(
    desk: Desk, role: Party, subject: str | None, scopes: frozenset[Scope], why: str
) -> None:
    with pytest.raises(TokenError, match=why):
        desk.token(role, subject, scopes)
    assert desk.rows(api_tokens) == []


def test_a_token_ends_when_it_expires_or_is_revoked(desk: Desk) -> None:
    new = NewToken("kiosk", Party.PERSON, READ, PERSON, desk.at + timedelta(hours=1))
    with desk.database.begin() as connection:
        made, _ = tokens.make(connection, new, "test", desk.at)
        assert made.good(desk.at)
        assert not made.good(desk.at + timedelta(hours=1))
        tokens.revoke(connection, made.id, "first", desk.at)
        tokens.revoke(connection, made.id, "second", desk.at + timedelta(minutes=1))
        (after,) = tokens.listed(connection)
        assert not after.good(desk.at)
        assert after.revoked_at == desk.at
        with pytest.raises(TokenError, match="no token zzz"):
            tokens.revoke(connection, "zzz", "test", desk.at)


def test_the_command_line_makes_lists_and_revokes(desk: Desk, tmp_path: object) -> None:
    settings = f"{tmp_path}/parloir.toml"
    address = desk.database.engine.url.render_as_string(hide_password=False)
    with open(settings, "w", encoding="utf-8") as file:
        file.write(f'database = "{address}"\n')

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["--settings", settings, "api", "token", *words])
        return done.output

    made = run("make", "kiosk", "--role", "staff", "--scope", "accounts:read", "--days", "2")
    token_id, secret = made.split()[1].rstrip(","), made.splitlines()[1]
    assert desk.ask("GET", f"/accounts/{ACCOUNT}", secret).status_code == 200
    assert f"{token_id}  good until" in run("list")
    assert secret not in run("list")
    assert run("revoke", token_id) == f"token {token_id} is revoked\n"
    assert desk.ask("GET", f"/accounts/{ACCOUNT}", secret).status_code == 401
    assert f"{token_id}  revoked" in run("list")
    assert "no token zzz" in run("revoke", "zzz")
