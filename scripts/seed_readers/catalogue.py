"""What is known about each source: publisher, dates, address, how many rows it has and how long it stays fresh."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seed_readers.table import sha256
from traceability.lists.entries import ListSource, StatedCoverage
from traceability.lists.published import PUBLISHED
from traceability.lists.readers import cahra, un
from traceability.lists.readers.reading import Reading
from traceability.lists.seedfile import ManifestRow, source_key

_GATHERED = "2026-11-23"
_GITHUB = "https://github.com"
_WATCHMAN = f"{_GITHUB}/moov-io/watchman/blob/d299005fe25f511fe8abdb6425c745e16cb5ca2c/test/testdata"
_DOL = f"{_GITHUB}/USDepartmentofLabor/Child-Labor-Android/blob/b8891386cc88513baa4411196561934f0a36f063"
_OPENSANCTIONS = f"{_GITHUB}/opensanctions/opensanctions/blob/f33cff233ff4393a8c71784cfe280275727b52ca"
_LOCODE = f"{_GITHUB}/datasets/un-locode/tree/b1309b37edea63334a819a78c22b8967f61c37ad"
_LEGALIZE = f"{_GITHUB}/legalize-dev/legalize-eu/blob/6a1ab9a375c83b447a16d5ba77dadecb2020c816/eu"
_DPP_LINT = f"{_GITHUB}/Pangea-Intelligence/dpp-lint/blob/dbaf15de5aa7ad30bd286a31511992b12fa9e8fa"
_EUR_LEX = "https://eur-lex.europa.eu/eli/reg"
_EU_TERMS = "EU law, reuse under Decision 2011/833/EU"
_US_TERMS = "US federal work (17 USC 105)"
_ACT = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One table to be built; the first of ``files`` is the source whose SHA-256 the manifest gives.

    ``urls`` says where the further files come from, where it is not the address of the first; ``file_dates`` when the
    files were published and retrieved, where the table is our own and has dates of its own.
    """

    list_id: str
    files: tuple[str, ...]
    publisher: str
    title: str
    source_url: str
    terms: str
    expected: tuple[int, int]
    max_age_days: int
    published_at: str = ""
    retrieved_at: str = _GATHERED
    version: str = ""
    coverage: StatedCoverage = "full"
    urls: tuple[str, ...] = ()
    file_dates: tuple[str, str] | None = None

    def source_key(self, data: Path) -> str:
        """Return the key by which every row names its source file, and the further files of the same source."""
        return source_key(sha256(data / self.files[0]))

    def sources(self, data: Path) -> list[ListSource]:
        """Return the files the table was made of."""
        published, retrieved = self.file_dates or (self.published_at, self.retrieved_at)
        urls = (self.source_url, *self.urls, *[self.source_url] * len(self.files))
        return [
            ListSource(self.source_key(data), name, url, published, retrieved, sha256(data / name))
            for name, url in zip(self.files, urls, strict=False)
        ]

    def manifest_row(self, data: Path, reading: Reading, *, file: str, table_sha256: str) -> ManifestRow:
        """Return the line of the manifest; what waits for review is counted, and lies beside the table."""
        digest = sha256(data / self.files[0])
        return ManifestRow(
            list_id=self.list_id,
            file=file,
            publisher=self.publisher,
            title=self.title,
            version=self._version(data) or f"sha256:{digest}",
            published_at=self.published_at,
            retrieved_at=self.retrieved_at,
            source_url=self.source_url,
            source_sha256=digest,
            rows=len(reading.entries),
            expected_min=self.expected[0],
            expected_max=self.expected[1],
            coverage=self.coverage,
            max_age_days=self.max_age_days,
            terms=self.terms,
            table_sha256=table_sha256,
            for_review=len(reading.review),
        )

    def _version(self, data: Path) -> str:
        if self.list_id == "un-sc":
            return un.published((data / self.files[0]).read_bytes())
        return cahra.version((data / self.files[0]).read_bytes()) if self.list_id == "eu-cahra" else self.version


def _listed(list_id: str, **said: Any) -> Listed:
    """Return a published list as the product knows it, but for what is said otherwise of the files at hand."""
    known = PUBLISHED[list_id]
    about: dict[str, Any] = {"publisher": known.publisher, "title": known.title, "terms": known.terms}
    about |= {"expected": known.expected, "max_age_days": known.max_age_days}
    return Listed(list_id=list_id, **about | said)


LISTS = (
    _listed(
        "eu-cahra",
        files=("risklists/eu_cahra/cahra.json",),
        published_at="2026-06-27",
        retrieved_at="2026-07-14",
        source_url="https://cahra-api.cahraslist.net/api/v1/cahras",
    ),
    _listed(
        "us-dol-tvpra",
        files=("risklists/us_dol_tvpra/goods_2021.xml",),
        published_at="2022-09",
        version="2022-09 (edition inferred from its content)",
        source_url=f"{_DOL}/app/src/main/assets/goods_2021.xml",
    ),
    _listed(
        "un-sc",
        files=("risklists/un_sc/UN_consolidated_2026-02-27.xml",),
        published_at="2026-02-27",
        source_url=f"{_WATCHMAN}/UN_consolidated.xml",
    ),
    _listed(
        "us-ofac-sdn",
        files=tuple(f"risklists/us_ofac_sdn/{name}.csv" for name in ("sdn", "alt", "add", "sdn_comments")),
        published_at="2021-07",
        version="2021-07 (date of the copy)",
        source_url=f"{_WATCHMAN}/bench/sdn.csv",
        urls=tuple(f"{_WATCHMAN}/bench/{name}.csv" for name in ("alt", "add", "sdn_comments")),
        coverage="stale",
    ),
    _listed(
        "us-cbp-wro",
        files=("risklists/us_cbp_wro/wro_entity_names.csv", "risklists/us_cbp_wro/us_cbp_forced_labor.yml"),
        title="Withhold Release Orders and Findings, names only",
        published_at="2026-08-22",
        version="2026-08-22 (date of the reading rules)",
        source_url=f"{_OPENSANCTIONS}/datasets/us/cbp_forced_labor/us_cbp_forced_labor.yml",
        terms="reading rules MIT; names US federal work",
        coverage="partial",
    ),
    _listed(
        "us-uflpa",
        files=("risklists/us_uflpa/uflpa_entities_seen.csv",),
        title="UFLPA Entity List, entities seen in public pages",
        published_at="2025-01-15",
        source_url="https://www.dhs.gov/uflpa-entity-list (each row names the page it was read in)",
        coverage="partial",
    ),
    _listed(
        "transit-watch",
        files=("risklists/areas/transit_watch.csv",),
        source_url="each row names its source",
        coverage="partial",
    ),
    _listed(
        "forced-labour-areas",
        files=("risklists/areas/forced_labour_areas.csv",),
        source_url="each row names its source",
        coverage="partial",
    ),
)

TABLES = (
    Listed(
        list_id="eu-2017-821-annex-i",
        files=("law/annex_i_2017_821.csv",),
        publisher="European Union",
        title="Reg. (EU) 2017/821, Annex I: minerals and metals",
        published_at="2020-11-19",
        version="consolidated 2020-11-19",
        source_url=f"{_EUR_LEX}/2017/821/oj",
        terms=_EU_TERMS,
        expected=(23, 23),
        max_age_days=_ACT,
    ),
    Listed(
        list_id="eu-2024-1252-annex-i-ii",
        files=("law/crm_2024_1252.csv", "risklists/eu_law/reg_2024_1252_annex_I_II.csv"),
        publisher="European Union",
        title="Reg. (EU) 2024/1252, Annexes I and II: strategic and critical raw materials",
        published_at="2024-05-03",
        version="OJ 2024-05-03",
        source_url=f"{_EUR_LEX}/2024/1252/oj",
        urls=(f"{_LEGALIZE}/32024R1252.md",),
        terms=_EU_TERMS,
        expected=(34, 34),
        max_age_days=_ACT,
    ),
    Listed(
        list_id="eu-2023-1542-annex-x",
        files=("law/battery_annex_x.csv", "risklists/eu_law/battery_annexX_materials.json"),
        publisher="European Union",
        title="Reg. (EU) 2023/1542, Annex X: raw materials and risk categories",
        published_at="2025-07-31",
        version="consolidated 2025-07-31",
        source_url=f"{_EUR_LEX}/2023/1542/oj",
        urls=(f"{_DPP_LINT}/data/materials.json",),
        terms=_EU_TERMS,
        expected=(20, 20),
        max_age_days=_ACT,
    ),
    Listed(
        list_id="us-uflpa-sectors",
        files=("law/uflpa_high_priority_sectors.csv",),
        publisher="US Department of Homeland Security (FLETF)",
        title="UFLPA strategy: high-priority sectors",
        published_at="2025-08",
        version="2025-08 (summaries read)",
        source_url="https://www.dhs.gov/uflpa-strategy (read in summaries; each row says so)",
        terms="facts",
        expected=(12, 20),
        max_age_days=400,
    ),
    Listed(
        list_id="us-dol-goods-materials",
        files=("risklists/us_dol_tvpra/goods_2021.xml",),
        publisher="this project",
        title="Crosswalk: goods of the DoL list to material codes, reviewed",
        version="2026-11-23",
        published_at="2026-11-23",
        source_url=f"{_DOL}/app/src/main/assets/goods_2021.xml",
        terms="own table of facts",
        expected=(10, 60),
        max_age_days=800,
        file_dates=("2022-09", _GATHERED),
    ),
    Listed(
        list_id="iso-3166-1",
        files=("risklists/codes/un_country_codes.csv",),
        publisher="UNECE (UN/LOCODE)",
        title="ISO 3166-1 country codes, with the names the lists use",
        published_at="2026-07-27",
        version="2026-07-27",
        source_url=_LOCODE,
        terms="ODC-PDDL",
        expected=(245, 260),
        max_age_days=800,
    ),
    Listed(
        list_id="iso-3166-2",
        files=("risklists/codes/iso3166-2_subdivisions.csv",),
        publisher="UNECE (UN/LOCODE)",
        title="ISO 3166-2 subdivision codes",
        published_at="2026-07-27",
        version="2026-07-27",
        source_url=_LOCODE,
        terms="ODC-PDDL",
        expected=(4000, 6000),
        max_age_days=800,
    ),
    Listed(
        list_id="iso-3166-2-history",
        files=("risklists/eu_cahra/cahra.json",),
        publisher="this project",
        title="ISO 3166-2 codes that lists still use and the current table does not hold",
        version="2026-11-23",
        published_at="2026-11-23",
        source_url="https://cahra-api.cahraslist.net/api/v1/cahras",
        terms="own table of facts",
        expected=(7, 200),
        max_age_days=800,
        file_dates=("2026-06-27", "2026-07-14"),
    ),
    Listed(
        list_id="hs",
        files=("risklists/codes/harmonized-system.csv",),
        publisher="datasets/harmonized-system",
        title="Harmonized System headings",
        published_at="2024-10-25",
        version="2024-10-25",
        source_url=f"{_GITHUB}/datasets/harmonized-system/tree/905e5a0fa29f5700d62cb3cc1265f21bc8a92329",
        terms="ODC-PDDL",
        expected=(6000, 8000),
        max_age_days=1500,
    ),
)
