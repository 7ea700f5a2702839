"""Make the table of borders that comes with the package from ``countries-10m.json`` of the npm package world-atlas.

Usage: ``python scripts/borders.py countries-10m.json`` (world-atlas 2.0.2, ISC licence; Natural Earth, public domain,
at 1:10,000,000). Rings are kept as the file has them, under ISO 3166-1 alpha-2 codes. What has no code of its own there
is kept under ``""``: a point in it is in no country that this table may name.
"""

import argparse
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from traceability.lists.tabled import reference_tables

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / "traceability" / "custody" / "data" / "borders.json.gz"
# What the map shortens and no table of names has.
_SHORT = {
    "S. Sudan": "SS", "W. Sahara": "EH", "Congo": "CG", "Dem. Rep. Congo": "CD", "St-Martin": "MF",
    "Sint Maarten": "SX",
    "Central African Rep.": "CF", "Dominican Rep.": "DO", "Bosnia and Herz.": "BA", "Eq. Guinea": "GQ", "Vatican": "VA",
    "Turks and Caicos Is.": "TC", "St. Pierre and Miquelon": "PM", "Pitcairn Is.": "PN", "Fr. Polynesia": "PF",
    "Fr. S. Antarctic Lands": "TF", "Marshall Is.": "MH", "St. Vin. and Gren.": "VC", "U.S. Minor Outlying Is.": "UM",
    "Antigua and Barb.": "AG", "U.S. Virgin Is.": "VI", "St-Barthélemy": "BL", "British Virgin Is.": "VG",
    "Cayman Is.": "KY", "Heard I. and McDonald Is.": "HM", "Saint Helena": "SH", "Åland": "AX", "Faeroe Is.": "FO",
    "Br. Indian Ocean Ter.": "IO", "Cook Is.": "CK", "Wallis and Futuna Is.": "WF", "Solomon Is.": "SB",
    "S. Geo. and the Is.": "GS", "Falkland Is.": "FK", "N. Mariana Is.": "MP", "Ashmore and Cartier Is.": "AU",
}  # fmt: skip


def main() -> None:
    """Write the table, the same bytes for the same file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    data = parser.parse_args().file.read_bytes()
    made = table(json.loads(data), hashlib.sha256(data).hexdigest())
    MADE.write_bytes(gzip.compress(json.dumps(made, separators=(",", ":"), sort_keys=True).encode(), mtime=0))
    print(f"{len(made['countries'])} countries, {len(made['arcs'])} lines, {MADE.stat().st_size:,} bytes")


def table(topology: Any, sha256: str) -> dict[str, Any]:
    """Return the table: scale and translate (degrees), delta-coded lines, and for each country its rings of lines."""
    places = reference_tables(ROOT / "seed" / "tables").places
    countries: dict[str, list[Any]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        name = shape["properties"]["name"]
        code = (_SHORT.get(name) or places.country_code(name)) if shape.get("id") else ""
        if code is None:
            raise SystemExit(f"no code is known of {name}")
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        countries.setdefault(code, []).extend(ring for polygon in polygons for ring in polygon)
    return {
        "source": {"package": "world-atlas 2.0.2, countries-10m.json", "sha256": sha256, "licence": "ISC"},
        **topology["transform"],
        "arcs": topology["arcs"],
        "countries": countries,
    }


if __name__ == "__main__":
    main()
