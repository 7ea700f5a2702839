"""Cells of the UFLPA Entity List: names, aliases, former names, and rules about subsidiaries."""

import pytest

from traceability.lists.readers.uflpa_names import Named, read_names


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Alpha Co., Ltd.", Named("Alpha Co., Ltd.")),
        ("Alpha (Group) Co., Ltd.", Named("Alpha (Group) Co., Ltd.")),
        ("Alpha (Group)", Named("Alpha (Group)")),
        ("Alpha Trade and Business Co., Ltd.", Named("Alpha Trade and Business Co., Ltd.")),
        ("Alpha (including one alias: AL)", Named("Alpha", ["AL"])),
        ("Alpha (and two aliases: Beta Co., Ltd.; and Gamma)", Named("Alpha", ["Beta Co., Ltd.", "Gamma"])),
        ("Alpha (also known as Beta)", Named("Alpha", ["Beta"])),
        ("Alpha (Hubei) (formerly known as Old (Group) Co.)", Named("Alpha (Hubei)", former=["Old (Group) Co."])),
        ("Alpha (also known as Beta; formerly known as Old)", Named("Alpha", ["Beta"], ["Old"])),
        ("Alpha and subsidiaries", Named("Alpha", rule="and subsidiaries")),
        ("Alpha (including one alias: AL) and its subsidiaries", Named("Alpha", ["AL"], rule="and its subsidiaries")),
        (
            "Alpha and its subordinate and affiliated entities",
            Named("Alpha", rule="and its subordinate and affiliated entities"),
        ),
        (
            "Alpha and its two X-based subsidiaries, which include Beta Co. Ltd., and Gamma Co., Ltd.",
            Named(
                "Alpha",
                subsidiaries=["Beta Co. Ltd.", "Gamma Co., Ltd."],
                rule="and its two X-based subsidiaries, which include Beta Co. Ltd., and Gamma Co., Ltd.",
            ),
        ),
    ],
)
def test_cells(cell, found):
    assert read_names(cell) == found


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Alpha (including two aliases: Beta)", "2 aliases are announced, 1 were read"),
        ("Alpha (also known as Beta, Gamma)", "separated by commas"),
        ("Alpha (alias Beta", "unknown form"),
        ("Alpha, known as Beta", "unknown form"),
    ],
)
def test_what_is_not_understood_is_asked_about(cell, said):
    (question,) = read_names(cell).questions
    assert said in question[1]
