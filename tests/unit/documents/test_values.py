from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.documents import declared, values
from traceability.documents.extraction import extract
from traceability.documents.fields import read_fields


def fields(text):
    return [(field.name, field.value) for field in read_fields(extract(text.encode(), "a.txt"))]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("17 March 2025", ["2025-03-17"]),
        ("March 17, 2025", ["2025-03-17"]),
        ("2025-03-17", ["2025-03-17"]),
        ("17/03/2025", ["2025-03-17"]),
        ("28 FEB 2025", ["2025-02-28"]),
        ("17. März 2025", ["2025-03-17"]),
        ("6 mei 2025", ["2025-05-06"]),
        ("4 de abril de 2025", ["2025-04-04"]),
        ("1er février 2025", ["2025-02-01"]),
        ("2025年3月17日", ["2025-03-17"]),
        ("3 to 5 February 2025", ["2025-02-03", "2025-02-05"]),
        ("31 February 2025", []),
        ("12 drums 2025", []),
    ],
)
def test_dates(text, days):
    assert values.dates(text) == days


@pytest.mark.parametrize(
    ("text", "lang", "kg"),
    [
        ("24,600 kg in 41 drums", "en", "24600"),
        ("4.200", "nl", "4200"),
        ("4.200", "en", "4.200"),
        ("1,250.5 kg", "en", "1250.5"),
        ("1.250,5 kg", "de", "1250.5"),
        ("1,250 kg", "fr", "1250"),
        ("12,4 kg", "es", "12.4"),
        ("30 t", "en", "30000"),
        ("500 g", "en", "0.5"),
        ("21,780 KGS", "en", "21780"),
        ("none", "en", None),
        ("1,2,3.4.5", "en", None),
    ],
)
def test_kilograms(text, lang, kg):
    found = values.kilograms(text, lang)
    assert found == (None if kg is None else Decimal(kg))


@given(st.text(max_size=80))
def test_no_value_raises(text):
    values.dates(text)
    values.kilograms(text, "en")
    values.places(text)
    values.mineral(text, "de")


def test_places_and_minerals():
    assert [code for code, _, _ in values.places("Kalehe, South Kivu, DR Congo")] == ["CD-SK", "CD-SK", "CD"]
    assert [code for code, _, _ in values.places("原产地：卢旺达")] == ["RW"]
    assert values.places("nowhere") == []
    assert declared.place_of("Goma, DRC") == ("CD", "CD-NK")
    assert declared.place_of("Goma Road, Kigali, Rwanda") == ("RW", None)
    assert values.mineral("Tantalite concentrate (coltan)", "en") == "tantalum"
    assert values.mineral("Wolframpulver", "de") == "tungsten"
    assert values.mineral("ore", "en") is None
    assert values.mineral("锡精矿", "zh") == "tin"


def test_labels_with_and_without_a_colon():
    text = "Exporter Comptoir Test SARL, Goma\nNet weight 24,600 kg\nCountry of origin: Rwanda. Port of loading: DAR ES SALAAM."
    assert fields(text) == [
        ("party.exporter", "Comptoir Test SARL, Goma"),
        ("net", "24,600 kg"),
        ("origin", "Rwanda"),
        ("place", "DAR ES SALAAM"),
    ]


def test_a_row_of_labels_and_ordinary_words_are_no_fields():
    assert fields("Shipper Consignee Notify party") == []
    assert fields("Report on the year") == []
    assert fields("origin of the species") == []


def test_a_label_alone_takes_the_next_line():
    assert fields("Country of origin:\nBolivia") == [("origin", "Bolivia")]
    assert fields("ORIGIN\nRWANDA") == [("origin", "RWANDA")]


def test_number_and_lot_in_running_labels():
    found = declared.declared(
        read_fields(
            extract(
                b"Report AS-2025-019. On-site 3 to 5 February 2025.\nMineral: tin, HS 2609.00, lot A-17\nTags: 2241001 to 2241410",
                "a.txt",
            )
        ),
        "en",
    )
    assert found.number == "AS-2025-019"
    assert [(each.kind, each.date) for each in found.dates] == [
        ("on_site_start", "2025-02-03"),
        ("on_site_end", "2025-02-05"),
    ]
    assert (found.items[0].hs, found.items[0].lot, found.items[0].tags) == ("2609.00", "A-17", ("2241001", "2241410"))


def test_smelters_of_a_table():
    text = "Smelter name\tMetal\tSmelter ID\tCountry of smelter\tStatus\nHarrow Works\ttin\tCID009901\tMalaysia\tConformant\n"
    (found,) = declared.declared(read_fields(extract(text.encode(), "a.txt")), "en").smelters
    assert (found.name, found.metal, found.id, found.country, found.status) == (
        "Harrow Works",
        "tin",
        "CID009901",
        "MY",
        "conformant",
    )


def test_document_types():
    assert declared.document_type("Certificate of origin\nNo. 4") == ("certificate_of_origin", "certificate_of_origin")
    assert declared.document_type("Prüfbericht PB-1") == ("audit_summary", "audit_report")
    assert declared.document_type("Nothing known") == ("unknown", "other")
    assert declared.document_type("proinvoice") == ("unknown", "other")
