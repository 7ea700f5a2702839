"""Importer profiles: what an importer signs about itself, and the years for which it states all its imports are here.

Reg. (EU) 2017/821 counts kilograms per importer, Annex I row and calendar year (Art. 1(3)); a yearly volume is known
only where the importer has signed that every import of the row is recorded here, or an opening balance (facts.md 7).
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from traceability.diligence.facts import facts_schema
from traceability.diligence.tables import annex_rows
from traceability.errors import InvalidInput, NotFound, Problem
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import assess
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.facts.importer import latest_profile
from traceability.services.same import group_of
from traceability.services.signed import open_signed, still_good
from traceability.storage.store import Transaction
from traceability.storage.tables import ImporterProfile

#: What the register of parties says already; a profile does not say it again.
_REGISTERED = ("party_id", "name", "country", "eori")
_YEAR = re.compile(r"(20[0-9]{2})")
_FIELDS = {"profile", "volumes"}


def post(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> ImporterProfile:
    """Record a signed profile: ``{"profile": {...}, "volumes": [{"row_id", "year", "opening_kg"}]}``.

    ``profile`` holds the fields of the facts schema's ``importer``; a volume with ``opening_kg`` "0" states that all
    imports of the row in that year are recorded here. What a new profile leaves out is no longer stated.

    Raises:
        NotAuthenticated, Forbidden: no good signature of the importer's own party.
        InvalidInput: a field is unknown or not of its form; nothing is written.

    """
    actor.require("shipments", scope="write")
    signed = open_signed(service, actor, body, content_type, jws)
    profile, volumes = _checked(signed.data)

    def change(tx: Transaction) -> ImporterProfile:
        still_good(tx, signed)
        entry = Entry(kind="document", who=service.who(signed.party.id), at=milliseconds(tx.now), **signed.entry_fields)
        row = ImporterProfile(
            importer_id=signed.party.id, profile=profile, volume_statements=volumes, body=signed.body, jws=signed.jws,
            key_id=signed.key.id, entry_index=tx.log.append(entry), received_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        for one in group_of(tx.session, signed.party.id):  # whose yearly volumes rest on it, too
            assess.ask_all(tx, one)
        return row

    return service.store.write(change)


def profile(service: Service, actor: Actor) -> ImporterProfile:
    """Return the newest profile of the actor's own importer.

    Raises:
        NotFound: it has stated none yet.

    """
    actor.require("read_shipments", scope="read")
    with service.store.read() as session:
        row = latest_profile(session, actor.own_party())
    if row is None:
        raise NotFound("your party has stated no importer profile yet")
    return row


def _checked(data: Any) -> tuple[dict[str, Any], dict[str, str]]:
    if not isinstance(data, Mapping) or not data.keys() <= _FIELDS:
        raise InvalidInput('expected {"profile": {...}, "volumes": [...]} and nothing else')
    stated = data.get("profile", {})
    problems = [
        Problem(".".join(["profile", *map(str, error.absolute_path)]), error.message[:300])
        for error in _validator().iter_errors(stated)
    ]
    volumes = _volumes(data.get("volumes", []), problems)
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems[:100])
    return dict(stated), volumes


@lru_cache(maxsize=1)
def _validator() -> Any:
    from jsonschema import Draft202012Validator, FormatChecker  # its formats take seconds to import

    whole = facts_schema()
    importer = dict(whole["properties"]["importer"])
    importer["properties"] = {n: v for n, v in importer["properties"].items() if n not in _REGISTERED}
    return Draft202012Validator({**importer, "$defs": whole["$defs"]}, format_checker=FormatChecker())


def _volumes(stated: Any, problems: list[Problem]) -> dict[str, str]:
    if not isinstance(stated, list):
        problems.append(Problem("volumes", "expected a list"))
        return {}
    rows = {row.row_id for row in annex_rows()}
    found: dict[str, str] = {}
    for number, volume in enumerate(stated):
        key, kilograms = _volume(volume, rows)
        if key is None or kilograms is None:
            problems.append(
                Problem(
                    f"volumes[{number}]",
                    "expected row_id of Annex I, year such as 2026, and opening_kg as decimal text of 0 or more",
                )
            )
        else:
            found[key] = kilograms
    return found


def _volume(volume: Any, rows: set[str]) -> tuple[str | None, str | None]:
    if not isinstance(volume, Mapping) or volume.keys() != {"row_id", "year", "opening_kg"}:
        return None, None
    if volume["row_id"] not in rows or not _YEAR.fullmatch(str(volume["year"])):
        return None, None
    try:
        kilograms = Decimal(volume["opening_kg"]) if isinstance(volume["opening_kg"], str) else None
    except InvalidOperation:
        kilograms = None
    if kilograms is None or not kilograms.is_finite() or not 0 <= kilograms < Decimal(10) ** 12:
        return None, None
    return f"{volume['row_id']}/{volume['year']}", f"{kilograms:f}"
