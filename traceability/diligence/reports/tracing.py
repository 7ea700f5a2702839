"""What a tracing package for US customs is made of: steps, places, parties and papers of one consignment's chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Amounts = tuple[tuple[str, Decimal | None], ...]
"""Batches with their kilograms; None where no mass can be stated."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the chain: its URI and name, country, part of it, WGS 84 degrees where they are known."""

    site: str | None
    name: str | None
    country: str | None
    subdivision: str | None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One effective signed event: when (with its offset), what, where, from whom to whom, and kilograms.

    ``papers`` are the business transactions it names, as (kind, number); ``signers`` are names of parties.
    """

    entry: int
    at: datetime
    type: str
    spot: Spot
    sender: str | None
    receiver: str | None
    signers: tuple[str, ...]
    signature: str
    inputs: Amounts = ()
    outputs: Amounts = ()
    observed: Amounts = ()
    papers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """A party of the chain with its roles; what is not registered has an identifier alone."""

    identifier: str
    name: str | None
    country: str | None
    address: str | None
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the chain: its SHA-256, type as read, name, day of issue, language, and its file in the package.

    ``file`` is None where the file is not in the package; ``unread`` tells that a machine could not read it to the end.
    """

    sha256: str
    type: str
    name: str
    issued_on: str | None
    language: str | None
    file: str | None
    unread: bool


@dataclass(frozen=True, slots=True)
class Consignment:
    """Everything the package tells of: the shipment record, its chain, its papers and what rules raised.

    ``findings`` are (code, title, law, message); ``pending`` is why the assessment is not complete; ``corrected``
    counts the steps of the chain that were declared wrong, which are not among ``steps``. ``eori`` is the importer's;
    ``named`` tells whether a delegated act of Reg. (EU) 2024/3015 names the goods, None where no list of it is loaded.
    """

    shipment_id: str
    record: Mapping[str, Any]
    released: date
    steps: Sequence[Step]
    actors: Sequence[Actor]
    papers: Sequence[Paper]
    findings: Sequence[tuple[str, str, str, str]] = ()
    pending: Sequence[str] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    corrected: int = 0
    eori: str | None = None
    named: bool | None = None
