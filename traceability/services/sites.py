"""Sites: registered places, each signed by its party; a change is a new row, so the past stays what it was."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import Conflict, Forbidden, InvalidInput, Problem
from traceability.events.formats import is_uri
from traceability.events.identifiers import normalise
from traceability.ledger.entry import Entry, milliseconds
from traceability.lists.iso import is_country, is_subdivision
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.holdings import party_index
from traceability.services.signed import open_signed, still_active
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import Event, EventItem, Site

_FIELDS = {"uri", "name", "country", "subdivision", "latitude", "longitude", "valid_from", "valid_to"}
_MAX_SITES = 500


def register(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> list[tuple[Site, int]]:
    """Record signed sites: ``{"sites": [{uri, country, ...}]}``; returns each with its ledger index.

    Raises:
        NotAuthenticated, Forbidden: no good signature of the caller's own party, or another party's URI prefix.
        InvalidInput: a site is not well formed; nothing is written.
        Conflict: a validity overlaps one registered before with other content.

    """
    actor.require("sites", scope="write")
    signed = open_signed(service, actor, body, content_type, jws)
    rows = _read(signed.data)

    def change(tx: Transaction) -> list[tuple[Site, int]]:
        still_active(tx, signed.key)
        index = party_index(tx.session)
        entry = Entry(kind="document", who=service.who(signed.party.id), at=milliseconds(tx.now), **signed.entry_fields)
        place = tx.log.append(entry)
        done = []
        for row in rows:
            _check_prefix(row["uri"], index.prefix_owner(row["uri"]), signed.party.id)
            _check_overlap(tx.session, row, signed.party.id)
            site = Site(
                **row, party_id=signed.party.id, body=signed.body, jws=signed.jws or "", entry_index=place,
                received_at=tx.now,
            )  # fmt: skip
            tx.session.add(site)
            done.append((site, place))
        tx.session.flush()
        enqueue(tx, "places_changed", f"{signed.party.id}-{place}", uris=sorted({row["uri"] for row in rows}))
        return done

    return service.store.write(change)


def _read(data: Any) -> list[dict[str, Any]]:
    sites = data.get("sites") if isinstance(data, dict) else None
    if not isinstance(sites, list) or not 1 <= len(sites) <= _MAX_SITES:
        raise InvalidInput(f'expected {{"sites": [...]}} with 1 to {_MAX_SITES} sites')
    problems: list[Problem] = []
    rows = [_row(site, f"sites[{n}]", problems) for n, site in enumerate(sites)]
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems[:100])
    return rows


def _row(site: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(site, Mapping):
        problems.append(Problem(path, "expected an object"))
        return {}
    found = [Problem(f"{path}.{name}", "is no field of a site") for name in sorted(site.keys() - _FIELDS)]
    uri, country, subdivision = site.get("uri"), site.get("country"), site.get("subdivision")
    if not isinstance(uri, str) or not is_uri(uri) or len(uri) > 500:  # noqa: PLR2004  # the column's length
        found.append(Problem(f"{path}.uri", "expected an absolute URI of at most 500 characters"))
    if not isinstance(country, str) or not is_country(country):
        found.append(Problem(f"{path}.country", "expected an ISO 3166-1 alpha-2 country such as CD"))
    if subdivision is not None and not _is_part(subdivision, country):
        found.append(Problem(f"{path}.subdivision", f"expected an ISO 3166-2 code of {country}, such as CD-NK"))
    name = site.get("name")
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= 300 and name.isprintable()):  # noqa: PLR2004  # as above
        found.append(Problem(f"{path}.name", "expected a name of at most 300 characters that can be printed"))
    row = {"uri": uri, "name": name, "country": country, "subdivision": subdivision}
    row |= {name: _degrees(site.get(name), limit, f"{path}.{name}", found) for name, limit in _LIMITS.items()}
    row |= {name: _date(site.get(name), f"{path}.{name}", found) for name in ("valid_from", "valid_to")}
    if row["valid_from"] and row["valid_to"] and row["valid_to"] < row["valid_from"]:
        found.append(Problem(f"{path}.valid_to", "lies before valid_from"))
    problems.extend(found)
    return row


_LIMITS = {"latitude": 90, "longitude": 180}


def _is_part(subdivision: Any, country: Any) -> bool:
    return isinstance(subdivision, str) and is_subdivision(subdivision) and subdivision[:2] == country


def _degrees(value: Any, limit: int, path: str, problems: list[Problem]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not -limit <= value <= limit:
        problems.append(Problem(path, f"expected degrees from -{limit} to {limit} (WGS 84)"))
        return None
    return float(value)


def _date(value: Any, path: str, problems: list[Problem]) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value))
    except ValueError:
        problems.append(Problem(path, "expected a date such as 2026-11-23"))
        return None


def _check_prefix(uri: str, owner: str | None, party_id: str) -> None:
    if owner not in (None, party_id):
        raise Forbidden(f"{uri} lies under a prefix another party owns; register it under a prefix of yours")


def _check_overlap(session: Session, row: Mapping[str, Any], party_id: str) -> None:
    for site in session.exec(select(Site).where(Site.uri == row["uri"])):
        if site.party_id != party_id:
            raise Conflict(f"{row['uri']} is registered by another party")
        starts_before_end = site.valid_to is None or (row["valid_from"] or date.min) <= site.valid_to
        ends_after_start = row["valid_to"] is None or (site.valid_from or date.min) <= row["valid_to"]
        if starts_before_end and ends_after_start and site.valid_to is not None:
            raise Conflict(f"{row['uri']} is registered already for a part of this time; close that entry first")


def site_at(sites: Sequence[Site], on: date) -> Site | None:
    """Return the site valid on a date; of several the one registered last, so that a correction counts."""
    valid = [s for s in sites if (s.valid_from or date.min) <= on <= (s.valid_to or date.max)]
    return max(valid, key=lambda site: site.id or 0, default=None)


def sites_of(session: Session, uris: Sequence[str]) -> dict[str, list[Site]]:
    """Return registered sites by normalised URI."""
    wanted = {normalise(uri) for uri in uris}
    found: dict[str, list[Site]] = {}
    for site in session.exec(select(Site)):
        key = normalise(site.uri)
        if key in wanted:
            found.setdefault(key, []).append(site)
    return found


def own_sites(service: Service, actor: Actor) -> Sequence[Site]:
    """Return the sites of the actor's own party."""
    with service.store.read() as session:
        return session.exec(select(Site).where(Site.party_id == actor.own_party()).order_by(col(Site.uri))).all()


def items_at(session: Session, uris: Sequence[str]) -> set[int]:
    """Return the items named by events whose text mentions one of the sites: what a new site may change."""
    found: set[int] = set()
    for uri in uris:
        mentioning = select(Event.index).where(col(Event.body).contains(uri, autoescape=True))
        rows = session.exec(select(EventItem.item_id).where(col(EventItem.event_index).in_(mentioning)))
        found.update(rows)
    return found
