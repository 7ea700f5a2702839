"""The reader of the US Consolidated Screening List, with the traps of that table."""

import csv
import io

import pytest

from traceability.lists.entries import Identifier
from traceability.lists.readers import csl

COLUMNS = [
    "source",
    "entity_number",
    "type",
    "programs",
    "name",
    "title",
    "addresses",
    "federal_register_notice",
    "start_date",
    "end_date",
    "standard_order",
    "license_requirement",
    "license_policy",
    "call_sign",
    "vessel_type",
    "gross_tonnage",
    "gross_registered_tonnage",
    "vessel_flag",
    "vessel_owner",
    "remarks",
    "source_list_url",
    "alt_names",
    "citizenships",
    "dates_of_birth",
    "nationalities",
    "places_of_birth",
    "source_information_url",
    "ids",
]
SDN = "Specially Designated Nationals (SDN) - Treasury Department"
DENIED = "Denied Persons List (DPL) - Bureau of Industry and Security"


@pytest.fixture
def read(places):
    def made(*rows):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
        return csl.read(stream.getvalue().encode(), places)

    return made


def test_dates_of_birth(read):
    rows = [
        {"source": SDN, "entity_number": number, "type": "Individual", "name": "DOE, John", "dates_of_birth": said}
        for number, said in (("1", "1965; 1970-01-02"), ("2", "1965; circa 1970"), ("3", ""))
    ]
    assert [entry.extra.get("birth_dates") for entry in read(*rows).entries] == ["1965|1970-01-02", None, None]


def test_an_entry_with_everything(read):
    reading = read(
        {
            "source": SDN, "entity_number": "20264", "type": "Entity", "programs": "IFSR; NPWMD", "name": "Alpha Mining",
            "addresses": "1 Road, Tehran, IR; 2 Road, Bogota, CO", "alt_names": "ALPHA CO; AL-FA",
            "ids": "CO, 1978075, Matricula Mercantil No; IMO 9187629, Vessel Registration Identification; "
                   "Subject to Secondary Sanctions, Additional Sanctions Information -",
        }
    )  # fmt: skip
    (entry,) = reading.entries
    assert (entry.entry_key, entry.schema, entry.programmes) == ("SDN/20264", "Organization", ("IFSR", "NPWMD"))
    assert [(name.text, name.quality) for name in entry.names] == [
        ("Alpha Mining", "primary"), ("ALPHA CO", "strong"), ("AL-FA", "strong"),
    ]  # fmt: skip
    assert entry.identifiers == (Identifier("registration", "1978075", "CO"), Identifier("imo", "9187629"))
    assert (entry.country, entry.countries) == (None, {"CO", "IR"})
    assert reading.review == []


def test_a_leading_blank_and_an_empty_type(read):
    (entry,) = read({"source": DENIED, "name": " ADRIAN EXAMPLE", "start_date": "2017-10-16"}).entries
    assert (entry.name, entry.schema) == ("ADRIAN EXAMPLE", "")


def test_an_order_that_ended_is_in_force_on_its_days_only(read):
    (entry,) = read({"source": DENIED, "name": "A", "start_date": "2017-10-16", "end_date": "2020-10-13"}).entries
    assert (entry.valid_from.isoformat(), entry.valid_to.isoformat()) == ("2017-10-16", "2020-10-13")


def test_a_date_that_cannot_be_leaves_the_entry_in_force_and_is_asked_about(read):
    reading = read({"source": DENIED, "name": "A", "start_date": "2017-02-30", "end_date": "soon"})
    assert (reading.entries[0].valid_from, reading.entries[0].valid_to) == (None, None)
    assert [(question.field, question.lost) for question in reading.review] == [
        ("start_date", "no"),
        ("end_date", "no"),
    ]


def test_two_orders_against_one_name_stay_two_and_a_repeated_row_is_one(read):
    first = {"source": DENIED, "name": "A", "start_date": "2017-10-16", "federal_register_notice": "82 F.R. 1"}
    second = first | {"federal_register_notice": "82 F.R. 2"}
    assert len(read(first, second, first).entries) == 2


def test_nationalities_and_flags_are_countries(read):
    reading = read(
        {"source": SDN, "entity_number": "1", "name": "A", "nationalities": "Iran", "vessel_flag": "Atlantis"}
    )
    assert reading.entries[0].country == "IR"
    assert [question.raw for question in reading.review] == ["Atlantis"]


def test_rows_that_cannot_be_read_wait_for_review(places):
    reading = csl.read((",".join(COLUMNS) + "\nonly,three,cells\n" + "," * 27 + "\n").encode(), places)
    assert reading.entries == []
    assert [(question.entry_key, question.lost) for question in reading.review] == [
        ("line 2", "yes"),
        ("line 3", "yes"),
    ]


def test_an_unknown_type_is_asked_about_and_compared_with_every_kind(read):
    reading = read({"source": SDN, "entity_number": "1", "type": "Robot", "name": "A"})
    assert reading.entries[0].schema == ""
    assert [(question.field, question.raw, question.lost) for question in reading.review] == [("type", "Robot", "no")]
