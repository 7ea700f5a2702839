"""Each reader of our own tables on a few lines, and the writing of tables."""

import gzip

from seed_readers import org_forms, reference
from seed_readers.table import GZIP_FROM, write_table


def write(path, text):
    path.write_text(text, encoding="utf-8", newline="")
    return path


# -- names lists and reference tables


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
