"""Files of payments: lockbox, cash and trust accounts; taken whole or not at all, and once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from accounts import prepaid
from accounts.file_faults import FileRefused
from accounts.ledger import LedgerError
from accounts.payments.import_file import ImportFile, Line, read
from accounts.payments.records import id_of
from accounts.products import PRODUCTS, ProductId
from store.tables import accounts, payment_imports, payments
from store.upsert import insert_new

Fault = tuple[int, str]


@dataclass(frozen=True)
class Imported:
    """A file that was taken. ``account_ids`` are those that money was paid into."""

    id: int
    kind: str
    name: str
    items: int
    cents: int
    account_ids: frozenset[str]


def take(connection: Connection, data: bytes, actor: str, at: datetime) -> Imported:
    """Post every item of the file, or nothing.

    Raises :class:`accounts.file_faults.FileRefused` with every bad line, and
    :class:`LedgerError` for a file that was taken before. The caller's transaction is to be
    rolled back then.
    """
    digest = hashlib.sha256(data).hexdigest()
    file = read(data)
    import_id = _import_row(connection, file, digest, actor, at)
    targets = _targets(connection, file)
    faults = [*_unfunded(file, targets), *_paid_before(connection, file)]
    if faults:
        raise FileRefused(faults)
    # In one order, so that two files at once never wait for each other.
    for line in sorted(file.items, key=lambda one: targets[one.account]):
        _post(connection, file.kind, import_id, line, targets[line.account][0], actor, at)
    whose = frozenset(targets[line.account][0] for line in file.items)
    return Imported(import_id, file.kind, file.name, len(file.items), file.cents, whose)


def _import_row(
    connection: Connection, file: ImportFile, digest: str, actor: str, at: datetime
) -> int:
    row = {
        "kind": file.kind,
        "name": file.name,
        "sha256": digest,
        "items": len(file.items),
        "cents": file.cents,
        "actor": actor,
        "at": at,
    }
    new = insert_new(connection, payment_imports).returning(payment_imports.c.id)
    import_id = connection.execute(new, row).scalar_one_or_none()
    if import_id is None:
        its = payment_imports.select().where(payment_imports.c.sha256 == digest)
        before = connection.execute(its).one()
        raise LedgerError(
            f"this file was taken before, as import {before.id} on {before.at:%Y-%m-%d %H:%M}"
        )
    return int(import_id)


def _targets(connection: Connection, file: ImportFile) -> dict[str, tuple[str, str, str]]:
    """Account, product and status, by what a line names: an account, or in a trust file a person.

    A jail's trust system knows the person in custody, not our account.
    """
    named = accounts.c.person_id if file.kind == "trust" else accounts.c.id
    names = sorted({line.account for line in file.items})
    chosen = (
        select(named, accounts.c.id, accounts.c.product, accounts.c.status)
        .where(named.in_(names), accounts.c.product.in_(list(ProductId)))
        # Who came back after a release has a closed account, too: the living one comes last.
        .order_by((accounts.c.status == "closed").desc())
    )
    return {row[0]: tuple(row[1:]) for row in connection.execute(chosen)}


def _unfunded(file: ImportFile, targets: dict[str, tuple[str, str, str]]) -> list[Fault]:
    faults = []
    for line in file.items:
        if line.account not in targets:
            whose = "person with an own account" if file.kind == "trust" else "account"
            faults.append((line.number, f"no {whose} {line.account}"))
            continue
        account_id, product, status = targets[line.account]
        if status == "closed":
            faults.append((line.number, f"account {account_id} is closed"))
        elif not PRODUCTS[ProductId(product)].funded_by:
            faults.append((line.number, f"account {account_id} is paid on the phone bill"))
    return faults


def _paid_before(connection: Connection, file: ImportFile) -> list[Fault]:
    by_key = {_key(file.kind, line): line for line in file.items}
    chosen = select(payments.c.key, payments.c.import_id).where(payments.c.key.in_(by_key))
    return [
        (line.number, f"{line.reference} was paid in before, by import {before}")
        for key, before in connection.execute(chosen)
        for line in [by_key[key]]
    ]


def _post(
    connection: Connection,
    kind: str,
    import_id: int,
    line: Line,
    account_id: str,
    actor: str,
    at: datetime,
) -> None:
    key = _key(kind, line)
    row = {
        "id": id_of(key),
        "key": key,
        "account_id": account_id,
        "cents": line.cents,
        "method": kind,
        "payer": line.payer,
        "import_id": import_id,
        "status": "succeeded",
        "created_at": at,
        "succeeded_at": at,
    }
    new = insert_new(connection, payments).returning(payments.c.id)
    if connection.execute(new, row).one_or_none() is None:
        raise FileRefused([(line.number, f"{line.reference} is being paid in by another file")])
    prepaid.deposit(connection, account_id, line.cents, id_of(key), actor, at)


def _key(kind: str, line: Line) -> str:
    return f"{kind}/{line.reference}"
