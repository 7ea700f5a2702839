"""Who takes part: invented companies with DIDs and identifiers under .example, each named as invented.

One bears the name of a real list entry on purpose: ``Machanga Ltd`` (UN list, CDe.007), so that the demonstration shows
what a match looks like. The company here, its address and its identifiers are invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Sites are in force long before the first event of the demonstration.
SITES_SINCE = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """A site of a company: ISO 3166 country and part of it, WGS 84 degrees."""

    slug: str
    name: str
    subdivision: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Company:
    """An invented party with what it applies with and the sites it will register."""

    slug: str
    name: str
    country: str
    roles: tuple[str, ...]
    address: str
    places: tuple[Place, ...]
    alg: str = "EdDSA"

    @property
    def did(self) -> str:
        """Return its DID."""
        return f"did:web:{self.slug}.example"

    @property
    def prefix(self) -> str:
        """Return the URI prefix it names batches, bags, sites and papers under."""
        return f"https://id.{self.slug}.example/"

    def uri(self, kind: str, name: str) -> str:
        """Return the URI of a thing of its own: lot, bag, site, bol, ..."""
        return f"{self.prefix}{kind}/{name}"

    def sites(self) -> list[dict[str, Any]]:
        """Return its sites as they are registered."""
        return [
            {
                "uri": self.uri("site", place.slug),
                "name": place.name,
                "country": place.subdivision[:2],
                "subdivision": place.subdivision,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "valid_from": SITES_SINCE.isoformat(),
            }
            for place in self.places
        ]


IMPORTER = Company(
    "demo-metals", "Demo Metals Import GmbH (invented)", "DE", ("importer",), "Invented Quay 1, 20457 Hamburg, Germany",
    (
        Place("hamburg", "Warehouse Hamburg", "DE-HH", 53.53, 9.98),
        Place("los-angeles", "Bonded warehouse Los Angeles", "US-CA", 33.74, -118.26),
    ),
    alg="ES256",
)  # fmt: skip

ALTIPLANO = Company(
    "demo-altiplano", "Demo Altiplano Tin Mine (invented)", "PE", ("mine",), "Invented Camp 1, Antauta, Puno, Peru",
    (Place("mine", "Mine and concentrator", "PE-PUN", -14.23, -70.32),),
)  # fmt: skip
PACIFICO = Company(
    "demo-pacifico", "Demo Pacifico Tin Smelter (invented)", "PE", ("smelter",), "Invented Road 2, Pisco, Ica, Peru",
    (Place("smelter", "Smelter Pisco", "PE-ICA", -13.79, -76.18),),
)  # fmt: skip

KIVU = Company(
    "demo-kivu", "Demo Kivu Cooperative (invented)", "CD", ("mine",), "Invented Hill 1, Masisi, North Kivu, DR Congo",
    (
        Place("pit-1", "Pit 1", "CD-NK", -1.551, 28.884),
        Place("pit-2", "Pit 2", "CD-NK", -1.562, 28.891),
    ),
)  # fmt: skip
GOMA = Company(
    "demo-goma", "Demo Goma Comptoir (invented)", "CD", ("trader",), "Invented Avenue 3, Goma, North Kivu, DR Congo",
    (
        Place("depot", "Depot Goma", "CD-NK", -1.68, 29.22),
        Place("dar-es-salaam", "Port yard Dar es Salaam", "TZ-02", -6.84, 39.29),
    ),
)  # fmt: skip

BUSIA = Company(
    "demo-busia", "Demo Busia Gold Miners (invented)", "UG", ("mine",), "Invented Track 4, Busia, Uganda",
    (Place("pit", "Pit and washing place", "UG-202", 0.47, 34.09),),
)  # fmt: skip
MACHANGA = Company(
    "demo-machanga", "Machanga Ltd", "UG", ("trader",),
    "Invented Plot 5, Kampala, Uganda (an invented company; it bears the name of UN list entry CDe.007 on purpose)",
    (Place("counter", "Buying and melting house Kampala", "UG-102", 0.31, 32.58),),
)  # fmt: skip

KOLWEZI = Company(
    "demo-kolwezi", "Demo Kolwezi Artisanal Cooperative (invented)", "CD", ("mine",),
    "Invented Quarter 6, Kolwezi, Lualaba, DR Congo",
    (Place("hill", "Artisanal zone", "CD-LU", -10.71, 25.43),),
)  # fmt: skip
LUALABA = Company(
    "demo-lualaba", "Demo Lualaba Cobalt Refinery (invented)", "CD", ("smelter",),
    "Invented Works 7, Kolwezi, Lualaba, DR Congo",
    (Place("works", "Hydroxide works", "CD-LU", -10.76, 25.51),),
)  # fmt: skip

GANSU = Company(
    "demo-gansu", "Demo Gansu Quartz Mine (invented)", "CN", ("mine",), "Invented Valley 8, Jiuquan, Gansu, China",
    (Place("quarry", "Quartz quarry", "CN-GS", 39.73, 98.49),),
)  # fmt: skip
JUNGGAR = Company(
    "demo-junggar", "Demo Junggar Silicon Works (invented)", "CN", ("smelter",),
    "Invented Zone 9, Changji, Xinjiang, China",
    (Place("furnace", "Arc furnaces", "CN-XJ", 44.01, 87.31),),
)  # fmt: skip
JIANGSU = Company(
    "demo-jiangsu", "Demo Jiangsu Polysilicon (invented)", "CN", ("smelter",),
    "Invented Park 10, Xuzhou, Jiangsu, China",
    (Place("plant", "Polysilicon plant", "CN-JS", 34.26, 117.19),),
)  # fmt: skip

COMPANIES: Mapping[str, Company] = {
    company.slug: company
    for company in (
        IMPORTER, ALTIPLANO, PACIFICO, KIVU, GOMA, BUSIA, MACHANGA, KOLWEZI, LUALABA, GANSU, JUNGGAR, JIANGSU,
    )
}  # fmt: skip
