"""What is known of each published list before any file of it: publisher, terms, how many entries, how long fresh."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_US: Final = "US federal work (17 USC 105)"


@dataclass(frozen=True, slots=True)
class Published:
    """One list; fewer or more entries than ``expected`` (both inclusive) are no whole download of it."""

    publisher: str
    title: str
    terms: str
    expected: tuple[int, int]
    max_age_days: int


PUBLISHED: Final[Mapping[str, Published]] = {
    "eu-cahra": Published(
        "European Commission (RAND Europe)",
        "Indicative, non-exhaustive list of conflict-affected and high-risk areas, Reg. (EU) 2017/821",
        "no licence stated; attribute; not a legal determination",
        (180, 320),
        180,
    ),
    "us-dol-tvpra": Published(
        "US Department of Labor", "List of Goods Produced by Child Labor or Forced Labor", _US, (440, 520), 800
    ),
    "un-sc": Published(
        "United Nations Security Council",
        "United Nations Security Council Consolidated List",
        "public UN document, attribute the United Nations",
        (800, 1300),
        30,
    ),
    "us-ofac-sdn": Published(
        "US Treasury OFAC", "Specially Designated Nationals and Blocked Persons List", _US, (8000, 30000), 30
    ),
    "us-csl": Published("US Department of Commerce", "Consolidated Screening List", _US, (15000, 60000), 30),
    "us-cbp-wro": Published(
        "US Customs and Border Protection", "Withhold Release Orders and Findings", _US, (60, 150), 90
    ),
    "us-uflpa": Published("US Department of Homeland Security", "UFLPA Entity List", "facts", (144, 280), 90),
    "transit-watch": Published(
        "this project",
        "Countries through which minerals of conflict areas were reported to pass",
        "own table of facts",
        (13, 52),
        365,
    ),
    "forced-labour-areas": Published(
        "this project",
        "Areas whose goods a law presumes to be made with forced labour",
        "own table of facts",
        (2, 8),
        365,
    ),
    "opensanctions": Published(
        "OpenSanctions",
        "OpenSanctions targets",
        "CC BY-NC 4.0; whoever loads it needs the right to use it, and may not pass it on",
        (1, 2_000_000),
        30,
    ),
    "rmi-smelter-look-up": Published(
        "Responsible Minerals Initiative",
        "Smelter Look-up of a reporting template",
        "(c) Responsible Minerals Initiative; not to be passed on",
        (1, 20_000),
        400,
    ),
}
"""By list id. The US screening list had 25,830 entries in 2026; of the last two nobody says how many there are."""
