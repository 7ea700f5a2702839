"""Each reader of our own tables on a few lines, and the writing of tables."""

import gzip

from seed_readers import org_forms, parties, reference
from seed_readers.table import GZIP_FROM, table_bytes, write_table

from traceability.lists.entries import ListEntry, Name


def write(path, text):
    path.write_text(text, encoding="utf-8", newline="")
    return path


# -- names lists and reference tables


def test_uflpa_rules_are_not_names(tmp_path):
    header = "name,aliases,former_names,subsidiaries_rule,clause,clause_basis,effective_date,effective_date_basis,source_type,source_title,source_url,retrieved,coverage,notes"
    path = write(
        tmp_path / "u.csv",
        f"{header}\nA Co.,B; C,D,and eight subsidiaries,(ii),,2024-08-09,same page,primary,Page,https://x.example,2026-11-23,partial,aliases cut off\n",
    )
    reading = parties.read_uflpa(path)
    (entry,) = reading.entries
    assert [(name.text, name.quality) for name in entry.names] == [
        ("A Co.", "primary"),
        ("B", "strong"),
        ("C", "strong"),
        ("D", "former"),
    ]
    assert (entry.source, entry.valid_from.isoformat()) == ("Page", "2024-08-09")
    assert {question.field for question in reading.review} == {"subsidiaries", "names"}


def test_wro_orders_about_goods_are_not_parties(tmp_path, places):
    path = write(
        tmp_path / "w.csv",
        "name,aliases,schema,address,country,notes,cbp_entity_field_verbatim\n"
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        'Prison,,LegalEntity,"Town, China",,,Prison\n'
        "All Cotton,,LegalEntity,,,,All Cotton\n"
        "Farm,,LegalEntity,,,and subsidiaries,Farm and subsidiaries\n",
    )
    reading = parties.read_wro(path, places)
    assert [(entry.name, entry.country) for entry in reading.entries] == [("Prison", "CN"), ("Farm", None)]
    assert [question.raw for question in reading.review] == ["All Cotton", "Farm and subsidiaries"]


def test_a_crosswalk_row_without_its_good_is_asked_about(tmp_path):
    path = write(
        tmp_path / "x.csv", "good,material,basis,reviewed\nTin,tin,metal,2026-11-23\nMoon dust,other,x,2026-11-23\n"
    )
    reading = reference.goods_crosswalk(path, frozenset({"Tin"}))
    assert [question.raw for question in reading.review] == ["Moon dust"]


def test_org_forms_leave_ordinary_words_out(tmp_path):
    path = write(
        tmp_path / "t.yml", "types:\n- display: Ltd.\n  aliases: [Limited, in, '㈜', X]\n- aliases: [ООО, Limited]\n"
    )
    own = write(tmp_path / "own.csv", "form,canonical\nco limited,coltd\n")
    assert org_forms.rows(path, own) == [
        {"form": "co limited", "canonical": "coltd"},
        {"form": "limited", "canonical": "ltd"},
        {"form": "ltd", "canonical": "ltd"},
        {"form": "ooo", "canonical": "ooo"},
    ]


# -- tables


def test_tables_are_the_same_bytes_in_any_order():
    entries = [ListEntry("l", key, "party", (Name(key),)) for key in "ba"]
    assert table_bytes(entries) == table_bytes(entries[::-1]) == b"entry_key,kind,primary\na,party,a\nb,party,b\n"


def test_a_large_table_is_packed_without_a_time(tmp_path):
    data = b"x" * (GZIP_FROM + 1)
    file, digest = write_table(tmp_path, "t", data)
    assert file == "t.csv.gz"
    packed = (tmp_path / file).read_bytes()
    assert gzip.decompress(packed) == data
    assert packed[4:8] == b"\0\0\0\0"
    assert write_table(tmp_path, "t", data)[1] == digest
    assert write_table(tmp_path, "t", b"small")[0] == "t.csv"
    assert not (tmp_path / "t.csv.gz").exists()
