"""The tables of names seen in public pages, on a few lines."""

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers import own_areas, seen


def test_uflpa_rules_are_not_names():
    header = "name,aliases,former_names,subsidiaries_rule,clause,clause_basis,effective_date,effective_date_basis,source_type,source_title,source_url,retrieved,coverage,notes"
    data = f"{header}\nA Co.,B; C,D,and eight subsidiaries,(ii),,2024-08-09,same page,primary,Page,https://x.example,2026-11-23,partial,aliases cut off\n"
    reading = seen.read_uflpa(data.encode())
    (entry,) = reading.entries
    assert [(name.text, name.quality) for name in entry.names] == [
        ("A Co.", "primary"),
        ("B", "strong"),
        ("C", "strong"),
        ("D", "former"),
    ]
    assert (entry.source, entry.valid_from.isoformat()) == ("Page", "2024-08-09")
    assert {question.field for question in reading.review} == {"subsidiaries", "names"}


def test_wro_orders_about_goods_are_not_parties(places):
    data = (
        "name,aliases,schema,address,country,notes,cbp_entity_field_verbatim\n"
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        "All Cotton,,LegalEntity,,,,All Cotton\n"
        "Farm,,LegalEntity,,,and subsidiaries,Farm and subsidiaries\n"
    )
    reading = seen.read_wro(data.encode(), places)
    assert [(entry.name, entry.country) for entry in reading.entries] == [("Prison", "CN"), ("Farm", None)]
    assert [question.raw for question in reading.review] == ["All Cotton", "Farm and subsidiaries"]


def test_rows_that_cannot_be_read_wait_for_review(places):
    header = ",".join(seen._UFLPA_NEEDED)
    bad = seen.read_uflpa(f"{header}\nA Co.,,,,,,soon,,,,,,\nB Co.\n,,,,,,2024-08-09,,,,,,\n".encode())
    assert (bad.entries, [question.lost for question in bad.review]) == ([], ["yes"] * 3)
    header = ",".join(seen._WRO_NEEDED)
    bad = seen.read_wro(f"{header}\nA Co.,,Robot,,,,\nB Co.\n".encode(), places)
    assert (bad.entries, [question.lost for question in bad.review]) == ([], ["yes"] * 2)
    areas = own_areas.read(b"code,country,source\nRW,Rwanda,Report\n,Nowhere,Report\n", "transit-watch")
    assert [entry.code for entry in areas.entries] == ["RW"]
    assert [question.lost for question in areas.review] == ["yes"]


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00"])
def test_another_table_is_refused(data, places):
    for read in (seen.read_uflpa, lambda data: seen.read_wro(data, places), lambda d: own_areas.read(d, "l")):
        with pytest.raises(InvalidInput):
            read(data)
