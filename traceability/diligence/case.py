"""One facts document with the definitions of rule-catalogue.md 3, each worked out once and only when asked for."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from traceability.diligence.definitions import annex_i, places, scopes, smelters, watch
from traceability.diligence.definitions.areas import AreaList, Location
from traceability.diligence.definitions.balance import Comparison, comparisons
from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.dates import day
from traceability.diligence.definitions.events import Event, Threads, effective_events, threads
from traceability.diligence.definitions.items import Item, items, nearest
from traceability.diligence.tables import AnnexRow


class Case:
    """The facts as rules read them. ``raised`` holds the codes raised so far, in the order of evaluation (section 6).

    Absent means unknown or not stated: a missing section is an empty one here, and ``has`` tells the two apart.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.as_of = day(facts["as_of"])
        self.shipment: Mapping[str, Any] = facts.get("shipment", {})
        self.importer: Mapping[str, Any] = facts.get("importer", {})
        self.lists: Mapping[str, Any] = facts.get("lists", {})
        self.raised: set[str] = set()
        self._items: dict[str, tuple[Item, ...]] = {}

    def has(self, section: str) -> bool:
        """Tell whether a top-level section is present, be it empty."""
        return section in self.facts

    @cached_property
    def system(self) -> Mapping[str, Any]:
        """importer.management_system; none is stated where it is empty or absent."""
        found: Mapping[str, Any] = self.importer.get("management_system", {})
        return found

    @property
    def has_system(self) -> bool:
        """importer.management_system is present, be it empty."""
        return "management_system" in self.importer

    def raised_of(self, codes: Collection[str]) -> set[str]:
        """Return those of these findings that are raised already."""
        return self.raised.intersection(codes)

    def any_raised(self, *codes: str) -> bool:
        """Tell whether one of these findings is raised already."""
        return bool(self.raised_of(codes))

    def items(self, section: str) -> tuple[Item, ...]:
        """Return the members of a top-level array; absent is the same as empty here."""
        if section not in self._items:
            self._items[section] = tuple(items(self.facts, section))
        return self._items[section]

    def shipment_items(self, key: str) -> list[Item]:
        """Return the members of an array of the shipment."""
        return items(self.shipment, key, "/shipment")

    def nearest(self, pointer: str) -> str:
        """Return the longest part of the pointer that exists: the evidence for something missing."""
        return nearest(self.facts, pointer)

    def area(self, name: str) -> AreaList:
        """Return one of the area lists: cahra, transit_watch, forced_labour_areas, aml_weak."""
        if name not in self._areas:
            self._areas[name] = AreaList(self.lists, name)
        return self._areas[name]

    @cached_property
    def _areas(self) -> dict[str, AreaList]:
        return {}

    # --- destination, goods and volume ---

    @property
    def destination(self) -> str | None:
        return self.shipment.get("destination_country")

    @property
    def eu_dest(self) -> bool:
        """eu_dest: the destination is in EU27, taken as release for free circulation (Reg. (EU) 2017/821 Art. 2(l))."""
        return self.destination in EU27

    @property
    def us_dest(self) -> bool:
        """us_dest: the destination is the United States."""
        return self.destination == "US"

    @property
    def eu_market(self) -> bool:
        """eu_market: destination or dispatch in EU27 (export from the Union)."""
        return self.eu_dest or self.shipment.get("dispatch_country") in EU27

    @property
    def cn_code(self) -> str:
        return str(self.shipment.get("cn_code", ""))

    @property
    def material_class(self) -> str | None:
        return self.shipment.get("material_class")

    @cached_property
    def row(self) -> AnnexRow | None:
        """row: the Annex I row of the shipment."""
        return annex_i.annex_row(self.shipment)

    @cached_property
    def threshold(self) -> Decimal:
        """T, as of the day; a shipment outside Annex I has none."""
        if self.row is None:
            raise ValueError("no row of Annex I matches, so there is no threshold")
        return annex_i.threshold(self.row, self.as_of)

    @cached_property
    def volume(self) -> annex_i.Volume | None:
        """The prior and total of the row, or none when the volume is not known."""
        return annex_i.volume(self.row, self.facts)

    @cached_property
    def materials(self) -> list[str]:
        """materials: shipment.materials if present; else the metal of row; else none."""
        stated: list[str] | None = self.shipment.get("materials")
        return stated if stated is not None else [self.row.metal] if self.row else []

    @cached_property
    def documents(self) -> annex_i.Documents:
        """The documents by document_id."""
        return {document.value["document_id"]: document for document in self.items("documents")}

    @cached_property
    def recycled_proofs(self) -> list[str]:
        """exempt_recycled, as the ids that prove it."""
        return annex_i.recycled_proofs(self.shipment, self.row, self.documents)

    @cached_property
    def stock_proofs(self) -> list[str]:
        """exempt_stock, as the ids that prove it."""
        return annex_i.stock_proofs(self.shipment, self.documents)

    @property
    def exempt(self) -> bool:
        """exempt: exempt_recycled or exempt_stock."""
        return bool(self.recycled_proofs or self.stock_proofs)

    @cached_property
    def obligations_row(self) -> AnnexRow | None:
        """obligations_on: eu_dest, row matched, not exempt, and the volume unknown or not below T; then the row."""
        if not self.eu_dest or self.row is None or self.exempt:
            return None
        return self.row if self.volume is None or self.volume.total >= self.threshold else None

    def obliged(self, part: str) -> bool:
        """Tell whether obligations_on AND row.part is ``part``."""
        return self.obligations_row is not None and self.obligations_row.part == part

    # --- custody and places ---

    @cached_property
    def events(self) -> list[Event]:
        """Effective events, in array order."""
        return effective_events(self.facts)

    @cached_property
    def threads(self) -> Threads:
        """The thread of each batch."""
        return threads(self.events)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """mb_1 to mb_4."""
        return comparisons(self.events, self.threads, self.shipment)

    @cached_property
    def origins(self) -> list[places.Country]:
        """O."""
        return places.declared_origins(self.shipment)

    @cached_property
    def extracted_in(self) -> list[places.Country]:
        """EX."""
        return places.extraction_countries(self.events)

    @cached_property
    def produced_in(self) -> list[places.Country]:
        """P."""
        return places.produced_in(self.shipment, self.events)

    @cached_property
    def documented_origins(self) -> list[places.Country]:
        """D."""
        return places.documented_origins(self.items("documents"))

    @cached_property
    def chain_locations(self) -> list[Location]:
        """What LOC and GEO have in common."""
        return places.chain_locations(self.shipment, self.events, self.as_of)

    @cached_property
    def loc(self) -> list[Location]:
        """LOC."""
        return self.chain_locations + places.smelter_locations(self.shipment_items("smelters"), self.as_of)

    @cached_property
    def geo(self) -> list[Location]:
        """GEO."""
        return self.chain_locations + places.manufacturer_location(self.shipment, self.as_of)

    # --- smelters, screening, scopes ---

    @cached_property
    def schemes(self) -> smelters.Schemes:
        """lists.recognised_schemes."""
        return smelters.Schemes(self.lists)

    def smelters_in(self, *states: str) -> list[Item]:
        """Return the smelters whose smelter_state is one of these."""
        found = self.shipment_items("smelters")
        return [item for item in found if smelters.smelter_state(item.value, self.schemes, self.as_of) in states]

    @cached_property
    def all_verified(self) -> bool:
        """all_verified: smelters not empty and every one verified."""
        count = len(self.shipment.get("smelters", ()))
        return 0 < count == len(self.smelters_in(smelters.VERIFIED))

    @property
    def all_union_list(self) -> bool:
        """all_union_list: smelters not empty and every one on the Union list on its reference date."""
        found = self.shipment.get("smelters", ())
        return bool(found) and all(smelters.on_union_list(smelter, self.as_of) for smelter in found)

    @cached_property
    def open_reports(self) -> list[Item]:
        """Open reports."""
        return [report for report in self.items("reports") if watch.is_open(report.value)]

    def reports_of(self, *classes: str) -> list[Item]:
        """Return the open reports of these risk classes."""
        return [report for report in self.open_reports if report.value["class"] in classes]

    @cached_property
    def strong_hits(self) -> list[Item]:
        """Strong hits."""
        return [hit for hit in self.items("entity_hits") if watch.is_strong(hit.value, self.as_of)]

    @cached_property
    def active_signals(self) -> list[Item]:
        """Active signals."""
        return [signal for signal in self.items("text_signals") if watch.is_active(signal.value)]

    @property
    def batt_exempt(self) -> bool:
        """batt_exempt."""
        return scopes.batt_exempt(self.importer, self.shipment)

    @property
    def places_batteries(self) -> bool:
        """importer.places_batteries_on_market = true."""
        return self.importer.get("places_batteries_on_market") is True

    @cached_property
    def batt_scope(self) -> bool:
        """batt_scope: places batteries on the market and is not exempt."""
        return self.places_batteries and not self.batt_exempt

    @cached_property
    def csddd_scope(self) -> bool:
        """csddd_scope."""
        return scopes.csddd_scope(self.importer)

    @cached_property
    def df_scope(self) -> bool:
        """df_scope."""
        return scopes.df_scope(self.importer, self.materials)
