"""Every reader on its source, in the order they need each other: country names first, then all lists."""

from pathlib import Path

from seed_readers import reference
from seed_readers.table import read_csv
from traceability.lists.places import Places
from traceability.lists.readers import cahra, dol, ofac, own_areas, seen, un
from traceability.lists.readers.reading import Reading

OWN = Path(__file__).parent / "own"


def read_all(data: Path) -> dict[str, Reading]:
    """Return what each reader made of the folder, by list id."""
    risk = data / "risklists"
    countries = reference.countries(risk / "codes" / "un_country_codes.csv", OWN / "country_aliases.csv")
    places = Places.build(countries.entries)
    readings = [countries, *_parties(risk, places), *_areas_and_goods(risk, places), *_reference(data)]
    return {reading.list_id: reading for reading in readings}


def _parties(risk: Path, places: Places) -> list[Reading]:
    return [
        un.read((risk / "un_sc" / "UN_consolidated_2026-02-27.xml").read_bytes(), places),
        ofac.read({name: (risk / "us_ofac_sdn" / f"{name}.csv").read_bytes() for name in ofac.FILES}, places),
        seen.read_uflpa((risk / "us_uflpa" / "uflpa_entities_seen.csv").read_bytes()),
        seen.read_wro((risk / "us_cbp_wro" / "wro_entity_names.csv").read_bytes(), places),
    ]


def _areas_and_goods(risk: Path, places: Places) -> list[Reading]:
    crosswalk = OWN / "dol_goods_materials.csv"
    materials = {row["good"]: row["material"] for row in read_csv(crosswalk)}
    listed = dol.read((risk / "us_dol_tvpra" / "goods_2021.xml").read_bytes(), places, materials)
    return [
        listed,
        reference.goods_crosswalk(crosswalk, frozenset(entry.name for entry in listed.entries)),
        cahra.read((risk / "eu_cahra" / "cahra.json").read_bytes()),
        own_areas.read((risk / "areas" / "transit_watch.csv").read_bytes(), "transit-watch"),
        own_areas.read((risk / "areas" / "forced_labour_areas.csv").read_bytes(), "forced-labour-areas"),
    ]


def _reference(data: Path) -> list[Reading]:
    codes, law = data / "risklists" / "codes", data / "law"
    return [
        reference.subdivisions(codes / "iso3166-2_subdivisions.csv", OWN / "subdivision_aliases.csv"),
        reference.code_history(OWN / "code_history.csv"),
        reference.harmonized_system(codes / "harmonized-system.csv"),
        reference.annex_i(law / "annex_i_2017_821.csv"),
        reference.critical_materials(law / "crm_2024_1252.csv"),
        reference.battery_annex_x(law / "battery_annex_x.csv"),
        reference.uflpa_sectors(law / "uflpa_high_priority_sectors.csv"),
    ]
