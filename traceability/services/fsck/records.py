"""Records with an entry of their own against it: shipment records, documents, sites, profiles (ledger.md 2)."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from traceability import strict_json
from traceability.errors import TraceabilityError
from traceability.events.identifiers import normalise
from traceability.ledger import credential as vc
from traceability.ledger import jose
from traceability.ledger.encoding import digest
from traceability.ledger.keys import PublicKey
from traceability.services.facts.importer import release_day
from traceability.services.fsck.audit import TABLES, Audit, Said, batched, moment_of
from traceability.services.fsck.papers import check_documents
from traceability.services.signed import ENVELOPED, JSON_TYPES
from traceability.services.site_rows import listed, read_rows

_BATCH = 50  # bodies of up to 5 MB may be among them


def signed_fields(body: bytes, jws: str | None) -> dict[str, Any]:
    """Return what an entry says of a signed body."""
    return {"body": digest(body), "jws": None if jws is None else digest(jws.encode())}


def read_signed(audit: Audit, table: str, index: int | None, body: bytes, jws: str | None, key: Any) -> Any:
    """Return what a signed body says, its signature checked; None, and a problem, where it does not hold.

    Of one that was erased nothing can be read again, which is no problem.
    """
    if audit.is_excused(index):
        return None
    try:
        signed = jose.read_detached(jws, body) if jws is not None else jose.read_compact(body)
        if key is None or signed.kid != key.kid:
            audit.problem(table, index, f"signed under {signed.kid}, which is not the key the row names")
            return None
        jose.verify(signed, PublicKey.from_jwk(key.jwk))
        return strict_json.loads(signed.payload) if jws is not None else vc.read_credential(signed.payload).subject
    except TraceabilityError as error:
        audit.problem(table, index, f"the signed bytes: {error.detail}")
        return None


def media_type_fits(audit: Audit, table: str, index: int | None, row: Any) -> None:
    """Check that the media type is one that a body signed in this form may have."""
    if row.media_type not in ((ENVELOPED,) if row.jws is None else JSON_TYPES):
        audit.problem(table, index, f"media_type: {row.media_type!r} does not go with this form of signature")


def check_records(audit: Audit, *, deep: bool) -> None:
    """Check every such record; ``deep`` reads the signed bytes again and compares what was taken from them."""
    _check_shipments(audit, deep=deep)
    check_documents(audit, deep=deep)
    _check_signed(audit, "site", "party_id", _sites if deep else None)
    _check_signed(audit, "importer_profile", "importer_id", _profile if deep else None)


def _check_shipments(audit: Audit, *, deep: bool) -> None:
    before: Any = None
    for batch in batched(audit.rows("shipment", ("importer_id", "shipment_id", "version"), size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            same = before is not None and (before.importer_id, before.shipment_id) == (row.importer_id, row.shipment_id)
            _check_shipment(audit, row, before if same else None, entries.get(row.entry_index), deep=deep)
            if before is not None and before.latest != (not same):
                audit.problem("shipment", before.entry_index, "latest: it stands on another version than the last")
            before = row
    if before is not None and not before.latest:
        audit.problem("shipment", before.entry_index, "latest: it stands on another version than the last")


def _check_shipment(audit: Audit, row: Any, before: Any, entry: Said | None, *, deep: bool) -> None:
    said = {
        **signed_fields(row.body, row.jws), **audit.key_fields(row.key_id), "kind": "shipment",
        "who": audit.who(row.importer_id), "at": moment_of(row.received_at),
        "ref": () if before is None else (before.entry_index,),
    }  # fmt: skip
    audit.stands_for("shipment", row.entry_index, entry, said)
    media_type_fits(audit, "shipment", row.entry_index, row)
    version = 1 if before is None else before.version + 1
    audit.same("shipment", row.entry_index, {"version": version}, row)
    if before is not None and before.id >= row.id:
        audit.problem("shipment", row.entry_index, "id: a later version has a smaller number")
    if deep:
        record = read_signed(audit, "shipment", row.entry_index, row.body, row.jws, audit.keys.get(row.key_id or ""))
        if isinstance(record, Mapping):
            plain = _as_stored(record)
            expected = {"record": plain, "shipment_id": record.get("shipment_id")}
            expected |= {"released_on": release_day(plain, row.received_at)}
            audit.same("shipment", row.entry_index, expected, row)


def check_shipment_batches(audit: Audit) -> None:
    """Check that exactly the batches of each newest version are linked, and nothing to a record that is not there."""
    table = TABLES["shipment_batch"]
    for row in audit.rows("shipment", size=_BATCH, where=TABLES["shipment"].c.latest.is_(True), again=True):
        here = (table.c.importer_id == row.importer_id) & (table.c.shipment_id == row.shipment_id)
        linked = {link.batch_key for link in audit.rows("shipment_batch", where=here)}
        named = {normalise(batch) for batch in row.record.get("batch_ids", [])}
        for key in sorted(linked ^ named):
            audit.problem("shipment_batch", row.entry_index, f"{key}: the record and its links disagree")
    record = TABLES["shipment"].alias()
    same = (record.c.importer_id == table.c.importer_id) & (record.c.shipment_id == table.c.shipment_id)
    stray = sa.select(table.c.shipment_id).where(~sa.exists().where(same)).distinct().limit(_BATCH)
    for (shipment_id,) in audit.session.connection().execute(stray):
        audit.problem("shipment_batch", None, f"there is no shipment record {shipment_id[:100]!r} of that importer")


def _check_signed(audit: Audit, table: str, owner: str, derive: "_Derive | None") -> None:
    """Check rows whose key is known by their entry alone: sites and profiles. Sites of one body share an entry."""
    found = audit.rows(table, ("entry_index", "id"), size=_BATCH)
    for index, group in groupby(found, key=lambda row: row.entry_index):
        rows = list(group)
        entry = audit.entries([index]).get(index)
        if [row for row in rows if not _is_theirs(audit, table, row, getattr(row, owner), entry)] or derive is None:
            continue
        key = None if entry is None else audit.by_thumbprint.get(entry.key or "")
        data = read_signed(audit, table, index, rows[0].body, rows[0].jws or None, key)
        if data is not None:
            derive(audit, rows, data)


_Derive = Callable[[Audit, Sequence[Any], Any], None]


def _is_theirs(audit: Audit, table: str, row: Any, owner_id: str, entry: Said | None) -> bool:
    said = {
        **signed_fields(row.body, row.jws or None), "kind": "document", "who": audit.who(owner_id),
        "at": moment_of(row.received_at),
    }  # fmt: skip
    if not audit.stands_for(table, row.entry_index, entry, said) or entry is None:
        return False
    key = audit.by_thumbprint.get(entry.key or "")
    if key is None or key.party_id != owner_id:
        audit.problem(table, row.entry_index, "the entry names a key that is not the party's")
        return False
    return audit.same(table, row.entry_index, {"key_id": key.id}, row)


def _sites(audit: Audit, rows: Sequence[Any], data: Any) -> None:
    """Check that the rows are exactly the sites that were signed."""
    index = rows[0].entry_index
    try:
        signed = read_rows(listed(data))
    except TraceabilityError as error:
        audit.problem("site", index, f"the signed sites: {error.detail}")
        return
    if len(signed) != len(rows):
        audit.problem("site", index, f"{len(signed)} sites were signed; {len(rows)} are stored")
    for row, site in zip(rows, signed, strict=False):
        audit.same("site", index, site, row)


def _profile(audit: Audit, rows: Sequence[Any], data: Any) -> None:
    for row in rows:
        if not isinstance(data, Mapping):
            audit.problem("importer_profile", row.entry_index, "the signed bytes are no profile")
            continue
        volumes = {
            f"{one['row_id']}/{one['year']}": f"{Decimal(one['opening_kg']):f}" for one in data.get("volumes", [])
        }
        expected = {"profile": _as_stored(data.get("profile", {})), "volume_statements": volumes}
        audit.same("importer_profile", row.entry_index, expected, row)
    if len(rows) > 1:
        audit.problem("importer_profile", rows[0].entry_index, f"{len(rows)} rows stand for one entry")


def _as_stored(value: Any) -> Any:
    """Return parsed JSON as a JSON column gives it back."""
    return json.loads(strict_json.dumps(value))
