"""A supply chain told step by step: each step is an EPCIS 2.0 event of the company that acted (epcis.md 2)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from traceability.demo.cast import Company

Event = dict[str, Any]
Lots = Mapping[str, float]  # lot URI: kg

_CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]
_UNDER_WAY = {True: "in_transit", False: "in_progress"}
_IDS = uuid.UUID("6f1d9c1e-4c5a-4f0e-9d55-0c9a1b7e2a10")


@dataclass(frozen=True, slots=True)
class Paper:
    """A supplier document of seed/demo/ and what it is about: batches, or with ``shipment`` the consignment."""

    filename: str
    batches: tuple[str, ...] = ()
    shipment: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Goods on their way from one company's site to another's."""

    sender: Company
    sender_site: str
    receiver: Company
    receiver_site: str
    bol: str


@dataclass(slots=True)
class Story:
    """One demonstration chain: what happened, the papers, and the shipment record the importer signs."""

    name: str
    batch: str
    deeds: list[tuple[Company, Event]] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    shipment: dict[str, Any] = field(default_factory=dict)
    #: Field path of the record -> file whose ``sha256:`` document id stands there once it is uploaded.
    proofs: dict[tuple[str | int, ...], str] = field(default_factory=dict)

    def captures(self) -> Iterator[tuple[Company, list[Event]]]:
        """Yield the events in order, those of one company in a row together: each group is one signed capture."""
        group: list[Event] = []
        for number, (company, event) in enumerate(self.deeds):
            group.append(event)
            following = self.deeds[number + 1][0] if number + 1 < len(self.deeds) else None
            if following is not company:
                yield company, group
                group = []

    def extraction(self, at: str, company: Company, site: str, lots: Lots, terms: Mapping[str, Any]) -> None:
        """Batches come out of the mine; ``terms`` are our extension terms without their prefix."""
        event = self._event("ObjectEvent", at, "commissioning", action="ADD", disposition="active")
        event |= {"quantityList": _quantities(lots), "destinationList": [*_party("owning", "destination", company)]}
        event["destinationList"] += _party("possessing", "destination", company)
        event |= {"readPoint": _site(company, site), "ilmd": _terms(terms)}
        self.deeds.append((company, event))

    def packing(self, at: str, company: Company, site: str, lot: str, bags: Mapping[str, float]) -> None:
        """Part of a batch goes into each bag (``bags``: tag URI and kg), closed with a seal of the tag's number."""
        for bag, kg in bags.items():
            event = self._event("AggregationEvent", at, "packing", action="ADD", disposition="container_closed")
            event |= {"parentID": bag, "childQuantityList": _quantities({lot: kg}), "readPoint": _site(company, site)}
            event["crm:sealNumber"] = f"S-{bag.rsplit('/', 1)[1]}"
            self.deeds.append((company, event))

    def handover(
        self, times: tuple[str, str], move: Move, *, lots: Lots | None = None, bags: Sequence[str] = ()
    ) -> None:
        """Goods leave one company and are taken over by the next; each signs its own side."""
        self._hand(times[0], "shipping", move, lots, bags)
        self._hand(times[1], "receiving", move, lots, bags)

    def consignment(
        self, times: Sequence[str], move: Move, lots: Lots, mrn: str, leg: tuple[str, str, Sequence[str]] | None = None
    ) -> None:
        """Goods go abroad: dispatch, export, import, receipt, at these four times; ``mrn`` is common to both sides.

        ``leg`` is a stop on the way: its time, the sender's site there, and the sealed bags seen there.
        """
        owners = (move.sender, move.receiver)
        self._hand(times[0], "shipping", move, lots, ())
        self._customs(times[1], "departing", owners, (move.sender, move.sender_site), lots, mrn)
        if leg is not None:
            self._transport(leg[0], move.sender, leg[1], leg[2])
        self._customs(times[2], "arriving", owners, (move.receiver, move.receiver_site), lots, mrn)
        self._hand(times[3], "receiving", move, lots, ())

    def _hand(self, at: str, step: str, move: Move, lots: Lots | None, bags: Sequence[str]) -> None:
        leaving = step == "shipping"
        event = self._event("ObjectEvent", at, step, action="OBSERVE", disposition=_UNDER_WAY[leaving])
        company, site = (move.sender, move.sender_site) if leaving else (move.receiver, move.receiver_site)
        event |= _goods(lots, bags) | {"readPoint": _site(company, site)}
        event["bizTransactionList"] = [{"type": "bol", "bizTransaction": move.sender.uri("bol", move.bol)}]
        event["sourceList"] = _party("possessing", "source", move.sender)
        event["destinationList"] = [
            *_party("possessing", "destination", move.receiver),
            {"type": "location", "destination": move.receiver.uri("site", move.receiver_site)},
        ]
        self.deeds.append((company, event))

    def _customs(
        self, at: str, step: str, owners: tuple[Company, Company], place: tuple[Company, str], lots: Lots, mrn: str
    ) -> None:
        """Declare goods for export (``departing``, the seller signs) or import (``arriving``, the buyer signs)."""
        leaving = step == "departing"
        event = self._event("ObjectEvent", at, step, action="OBSERVE", disposition=_UNDER_WAY[leaving])
        event |= {"quantityList": _quantities(lots), "readPoint": _site(*place)}
        number = f"urn:x-mrn:26{place[0].country}{mrn}"
        event["bizTransactionList"] = [{"type": "crm:customsDeclaration", "bizTransaction": number}]
        event["sourceList"] = _party("owning", "source", owners[0])
        event["destinationList"] = _party("owning", "destination", owners[1])
        self.deeds.append((owners[0] if leaving else owners[1], event))

    def sale(self, at: str, seller: Company, buyer: Company, lots: Lots, invoice: str) -> None:
        """Goods change their owner; the seller signs."""
        event = self._event("ObjectEvent", at, "accepting", action="OBSERVE", disposition="in_progress")
        event |= {"quantityList": _quantities(lots)}
        event["bizTransactionList"] = [{"type": "inv", "bizTransaction": seller.uri("inv", invoice)}]
        event["sourceList"] = _party("owning", "source", seller)
        event["destinationList"] = _party("owning", "destination", buyer)
        self.deeds.append((seller, event))

    def transformation(
        self, at: str, company: Company, site: str, inputs: Lots, outputs: Lots, terms: Mapping[str, Any]
    ) -> None:
        """Batches become others: blended, concentrated, smelted or refined, as ``processType`` says."""
        step = "commissioning" if "processType" in terms else "creating_class_instance"
        event = self._event("TransformationEvent", at, step)
        event |= {
            "transformationID": f"urn:uuid:{uuid.uuid5(_IDS, f'{self.name}/process/{at}')}",
            "inputQuantityList": _quantities(inputs),
            "outputQuantityList": _quantities(outputs),
            "readPoint": _site(company, site),
            "ilmd": _terms(terms),
        }
        self.deeds.append((company, event))

    def assay(self, at: str, company: Company, site: str, lots: Lots, result: str) -> None:
        """A batch is analysed at a site of the company."""
        event = self._event("ObjectEvent", at, "inspecting", action="OBSERVE", disposition="conformant")
        event |= {"quantityList": _quantities(lots), "readPoint": _site(company, site)}
        event["bizTransactionList"] = [{"type": "testres", "bizTransaction": company.uri("assay", result)}]
        self.deeds.append((company, event))

    def _transport(self, at: str, company: Company, site: str, bags: Sequence[str]) -> None:
        event = self._event("ObjectEvent", at, "transporting", action="OBSERVE", disposition="in_transit")
        event |= _goods(None, bags) | {"readPoint": _site(company, site)}
        event["sourceList"] = _party("possessing", "source", company)
        self.deeds.append((company, event))

    def _event(self, kind: str, at: str, step: str, **more: str) -> Event:
        number = uuid.uuid5(_IDS, f"{self.name}/{len(self.deeds)}")
        zone = "+00:00" if at.endswith("Z") else at[-6:]
        base = {"type": kind, "eventID": f"urn:uuid:{number}", "eventTime": at, "eventTimeZoneOffset": zone}
        return {**base, "bizStep": step, **more}


def document(events: Sequence[Event], created: str) -> dict[str, Any]:
    """Return the EPCIS document of a capture."""
    return {
        "@context": _CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"eventList": list(events)},
    }


def _quantities(lots: Lots) -> list[dict[str, Any]]:
    return [{"epcClass": lot, "quantity": kg, "uom": "KGM"} for lot, kg in lots.items()]


def _goods(lots: Lots | None, bags: Sequence[str]) -> Event:
    return ({"quantityList": _quantities(lots)} if lots else {}) | ({"epcList": list(bags)} if bags else {})


def _party(kind: str, side: str, company: Company) -> list[dict[str, str]]:
    return [{"type": f"{kind}_party", side: company.did}]


def _site(company: Company, site: str) -> dict[str, str]:
    return {"id": company.uri("site", site)}


def _terms(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {f"crm:{name}": value for name, value in terms.items()}
