"""Facts documents drawn from the schema itself, at random: few values, so that they often meet."""

import random

from traceability.diligence import facts_schema

SCHEMA = facts_schema()
DEFINITIONS = SCHEMA["$defs"]

# Few values, so that lists, places, batches and parties often meet; limits and their neighbours are among them.
POOLS = {
    "date": [
        "2012-12-31",
        "2025-04-30",
        "2026-01-15",
        "2026-05-01",
        "2026-05-02",
        "2027-12-14",
        "0001-01-01",
        "9999-12-31",
    ],
    "date_time": [
        "2026-01-10T08:00:00Z",
        "2026-01-10T08:00:00+02:00",
        "2026-03-01T00:00:00.5-11:00",
        "9999-12-31T23:59:59Z",
    ],
    "decimal": ["0", "1", "98", "100", "102", "102.000001", "5000", "40000000", "999999999999999.999999"],
    "percent": ["0", "5.9", "50", "99.5", "100"],
    "score": ["0", "0.749999", "0.75", "1"],
    "country": ["CD", "RW", "DE", "CN", "US", "RU", "PE", "AE"],
    "subdivision": ["NK", "SK", "XJ", "01"],
    "area": ["CD-NK", "RW", "CN-XJ", "CN", "AE", "CD"],
    "identifier": ["A", "B", "C", "D"],
    "material": ["tin", "gold", "tantalum", "cobalt", "copper", "lead"],
    "cn_code": ["26090000", "26159000", "71081200", "81032000", "80011000", "85076000", "71131900"],
    "cn_prefix": ["26", "7108", "80011000"],
    "taric_subdivision": ["10", "90"],
    "waste_code": ["191402*", "191212"],
    "eori": ["DE123"],
    "currency": ["EUR"],
    "risk_code": ["A2-5", "A2-3"],
}
NUMBERS = [0, 4, 5, 10, 501, 5001, 2024, 2026]


class Maker:
    """Draws a document that fits the schema; ``full`` is the chance that an optional property is stated.

    ``sizes`` are the numbers of members that an array may have.
    """

    def __init__(self, seed, full=None, sizes=(0, 1, 2, 4)):
        self.sizes = sizes
        self.random = random.Random(seed)
        self.full = self.random.choice([0.2, 0.5, 0.85]) if full is None else full

    def document(self):
        facts = self.of(SCHEMA, "")
        facts["as_of"] = self.random.choice(["2026-05-01", "2026-05-01", "2028-06-01", "9999-12-31", "0001-01-01"])
        documents = facts.get("documents", [])
        facts |= {"documents": list({found["document_id"]: found for found in documents}.values())} if documents else {}
        return facts

    def of(self, schema, name):
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            schema = DEFINITIONS[name]
        if "const" in schema:
            return schema["const"]
        if name in POOLS or "enum" in schema:
            allowed = schema.get("enum", POOLS.get(name))
            return self.random.choice([value for value in POOLS.get(name, allowed) if value in allowed] or allowed)
        return getattr(self, f"_{schema['type']}")(schema, name)

    def _object(self, schema, name):
        if name == "importer_ytd_kg":
            rows = self.random.sample(schema["propertyNames"]["enum"], 12)
            return {row: self.random.choice(POOLS["decimal"]) for row in [*rows, "A-26090000", "B-8001"]}
        keys = [key for key in schema["properties"] if key in schema["required"] or self.random.random() < self.full]
        made = {key: self.of(schema["properties"][key], key) for key in keys}
        for country, subdivision in (("country", "subdivision"), ("country_of_origin", "origin_subdivision")):
            if subdivision in made:
                made[subdivision] = f"{made.get(country, 'CD')}-{made[subdivision]}"
        return made

    def _array(self, schema, name):
        made = [self.of(schema["items"], "") for _ in range(self.random.choice(self.sizes))]
        if name.endswith("quantity_list"):
            return list({entry["batch_id"]: entry for entry in made}.values())
        if schema.get("minItems") and not made:
            return [self.of(schema["items"], "")]
        return sorted(set(made)) if schema.get("uniqueItems") else made

    def _boolean(self, _schema, _name):
        return self.random.random() < 0.6

    def _integer(self, schema, _name):
        return max(schema.get("minimum", 0), self.random.choice(NUMBERS))

    def _string(self, _schema, _name):
        return self.random.choice(["Maker", "Seller", "x"])


#: What makes a hit a strong one (rule-catalogue.md 3).
STRONG = (
    {"match_basis": "identifier", "disposition": "pending"},
    {"match_basis": "exact_name"},
    {"match_basis": "fuzzy_name", "disposition": "confirmed"},
)
AREAS = ("cahra", "transit_watch", "forced_labour_areas", "aml_weak")


def with_more(facts, maker):
    """Yield the facts with one more report, strong hit, affirmed signal, and area entry of each loaded list."""

    def one(section):
        return maker.of(SCHEMA["properties"][section]["items"], "")

    strong = maker.random.choice(STRONG)
    hit = {
        key: value for key, value in one("entity_hits").items() if key not in {"disposition", "valid_from", "valid_to"}
    }
    for section, added in (
        ("reports", one("reports") | {"status": maker.random.choice(["open", "substantiated"])}),
        ("entity_hits", hit | strong),
        ("text_signals", one("text_signals") | {"assertion": "affirmed", "disposition": "pending"}),
    ):
        yield facts | {section: [*facts.get(section, []), added]}
    for name in AREAS:
        if name in facts.get("lists", {}):
            listed = facts["lists"][name]
            entries = [*listed["entries"], maker.of(DEFINITIONS["area_entry"], "")]
            yield facts | {"lists": facts["lists"] | {name: listed | {"entries": entries}}}


def shuffled(node, source, name=""):
    """Return the facts with every array but custody_events in another order."""
    if isinstance(node, dict):
        return {key: shuffled(value, source, key) for key, value in node.items()}
    if not isinstance(node, list):
        return node
    members = [shuffled(value, source) for value in node]
    return members if name == "custody_events" else source.sample(members, len(members))
