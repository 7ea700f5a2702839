"""OECD red flags of location, supplier and circumstance, and evidence that contradicts the declared origin."""

from decimal import Decimal

from traceability.diligence.case import Case
from traceability.diligence.definitions import tags
from traceability.diligence.definitions.areas import AreaList, Location, location_of, matches
from traceability.diligence.definitions.dates import add_months, day
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.definitions.numbers import product
from traceability.diligence.definitions.places import extracted_on
from traceability.diligence.packs.registry import Escalation, Pack, Place, at, each
from traceability.diligence.parameters import PARAMETERS
from traceability.diligence.sources import READ_BY_MACHINE

PACK = Pack()

_FORGED = frozenset({"invalid", "key_revoked"})
_TAGGED_MATERIALS = frozenset({"tin", "tungsten", "tantalum"})


@PACK.rule("ORIGIN-MISMATCH")
def origin_contradicted(case: Case) -> list[Place]:
    if case.material_class not in {"mined", "by_product", "mixed"}:
        return []
    declared = {country.code for country in case.origins}
    shown = case.produced_in + case.documented_origins
    contrary = [country for country in shown if country.code not in declared]
    # With nothing declared the documents take its place: they must contradict neither each other nor custody.
    if not declared and (not case.documented_origins or len({country.code for country in shown}) == 1):
        contrary = []
    read = ", ".join(sorted({country.code for country in case.documented_origins}))
    values = {
        "O": sorted(declared),
        "D": f"{read} ({READ_BY_MACHINE})" if read else "none",
        "P": sorted({country.code for country in case.produced_in}),
    }
    return at(*(country.at for country in contrary), **values) if contrary else []


@PACK.rule("RF-L1")
def risk_area(case: Case) -> list[Place]:
    cahra = case.area("cahra")
    return [
        Place(
            match.evidence,
            {"place": match.location.name, "code": match.entry.value["code"], "list_version": cahra.version},
        )
        for match in matches(cahra.match, case.loc)
    ]


@PACK.rule("RF-L2")
def implausible_output(case: Case) -> list[Place]:
    countries = {country.code for country in case.origins}
    return each(
        claim
        for claim in case.items("production_claims")
        if claim.value["country"] in countries
        and claim.value["material"] in case.materials
        and Decimal(claim.value["claimed_t"])
        > product(PARAMETERS.plausible_output, Decimal(claim.value["reference_t"]))
    )


@PACK.rule("RF-L3")
def transit_origin_not_evidenced(case: Case) -> list[Place]:
    evidenced = {
        event.value.get("country")
        for event in case.events
        if event.type == "extraction" and event.value.get("signature_status") not in _FORGED
    }
    mine = case.shipment.get("mine_of_origin", {})
    if "mine_id" in mine:
        evidenced.add(mine["country"])
    extracted = extracted_on(case.shipment, case.as_of)
    claimed = [location_of(origin, extracted) for origin in case.shipment_items("origins")]
    unproven = [origin for origin in claimed if origin.country not in evidenced]
    return [
        Place(match.evidence, {"country": match.location.name})
        for match in matches(case.area("transit_watch").match, unproven)
    ]


@PACK.rule("RF-L4")
def gold_refined_in_red_flag_country(case: Case) -> list[Place]:
    refined_in = case.shipment.get("refined_in")
    if "gold" not in case.materials or case.material_class not in {"recycled", "mixed"} or refined_in is None:
        return []
    place = Location(refined_in, None, case.as_of, "/shipment/refined_in")
    found = [area.match(place) for area in _red_flag_lists(case)]
    return [Place(match.evidence, case.shipment) for match in found if match]


@PACK.rule("RF-L5")
def weak_controls(case: Case) -> list[Place]:
    if not case.any_raised("RF-L1", "RF-L2", "RF-L3", "RF-L4"):
        return []
    weak = [Place(match.evidence, {}) for match in matches(case.area("aml_weak").match, case.loc)]
    return weak + (at("/shipment/payment_method") if case.shipment.get("payment_method") == "cash" else [])


@PACK.rule("RF-S1")
def party_in_red_flag_location(case: Case) -> list[Place]:
    return [
        place
        for party in case.items("upstream_parties")
        for key in ("operating_locations", "interest_locations")
        for where in items(party.value, key, party.at)
        for place in _party_places(case, party, location_of(where, case.as_of))
    ]


@PACK.rule("RF-S2")
def party_sourced_from_red_flag_location(case: Case) -> list[Place]:
    since = add_months(case.as_of, -12)
    return [
        place
        for party in case.items("upstream_parties")
        for purchase in items(party.value, "sourced_from", party.at)
        if since <= day(purchase.value["date"]) <= case.as_of
        for place in _party_places(case, party, location_of(purchase, day(purchase.value["date"])))
    ]


@PACK.rule("RF-C1")
def unusual_circumstances(case: Case) -> list[Place]:
    anomalies = case.raised_of(("COC-GAP", "MB-EXCEEDS", "ORIGIN-MISMATCH", "INT-CLOCK", "INT-DATE"))
    if "gold" not in case.materials or not anomalies:
        return []
    return at(case.nearest("/shipment/materials"), codes=sorted(anomalies))


@PACK.rule("RF-X1", Escalation("critical", when=lambda case: bool(tags.reused(case.events))))
def tags_in_disorder(case: Case) -> list[Place]:
    registry = case.facts.get("tag_registry")
    if _TAGGED_MATERIALS.isdisjoint(case.materials) or not (registry is not None or tags.any_tag(case.events)):
        return []
    issued = None if registry is None else frozenset(registry["issued_tag_ids"])
    found = tags.untagged(case.events) + tags.not_issued(case.events, issued) + tags.reused(case.events)
    return [Place(tag.evidence, {"untagged batches": tag.untagged_batch or "", "tags": tag.text}) for tag in found]


@PACK.rule("RF-X2")
def disclosure_refused(case: Case) -> list[Place]:
    return each(
        withheld
        for withheld in case.shipment_items("undisclosed")
        if withheld.value["field"] in {"mine_of_origin", "origins", "smelters"}
        and withheld.value["reason"] in {"confidential", "refused"}
    )


def _red_flag_lists(case: Case) -> tuple[AreaList, AreaList]:
    return case.area("cahra"), case.area("transit_watch")


def _party_places(case: Case, party: Item, where: Location) -> list[Place]:
    name = party.value.get("name", party.value["party_id"])
    found = [area.match(where) for area in _red_flag_lists(case)]
    values = {"party": name, "place": where.name, "date": where.on}
    return [Place(match.evidence, values) for match in found if match]
