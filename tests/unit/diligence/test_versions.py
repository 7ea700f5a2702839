"""A pack's version is the hash of its own rules, tables and texts: a change of one pack is a new version of it alone."""

import csv
import hashlib
import re
from dataclasses import replace
from datetime import date

import pytest
import rfc8785

from traceability.diligence import reach, tables, terms, versions
from traceability.diligence.catalogue import row, rows

_CACHES = (
    versions.packs, versions.pack_contents, versions.rule_pack_version, tables.annex_rows, tables.thresholds,
    reach.module_of, reach._roots, reach._reached, terms.terms, terms.terms_of,
)  # fmt: skip


def forget():
    for one in _CACHES:
        one.cache_clear()


@pytest.fixture(scope="module")
def unchanged():
    """Return the versions of the packs and of the set as they are shipped."""
    forget()
    return {name: pack.version for name, pack in versions.packs().items()}, versions.rule_pack_version()


@pytest.fixture
def changed(monkeypatch, unchanged):
    """Return which packs have another version after a change, and whether the set of all has."""
    before, whole = unchanged

    def after(change):
        with monkeypatch.context() as patched:
            change(patched)
            forget()
            now = {name: pack.version for name, pack in versions.packs().items()}
            other = versions.rule_pack_version() != whole
        forget()
        return {name for name in now if now[name] != before[name]}, other

    return after


def in_table(name, row, **cells):
    """Return a change of the cells of one row of a packaged table."""

    def change(patched):
        def read(asked):
            with (tables.files("traceability.diligence") / "data" / asked).open(encoding="utf-8", newline="") as stream:
                lines = list(csv.DictReader(stream))
            key = next(iter(lines[0]))
            return [line | cells if asked == name and line[key] == row else line for line in lines]

        for module in (versions, tables, terms):
            patched.setattr(module, "read_table", read)

    return change


def in_program(module, old, new):
    """Return a change of the text of one module of the program."""
    text = reach.text_of(module)
    assert text.count(old) == 1

    def change(patched):
        def read(name):
            return text.replace(old, new) if name == module else real(name)

        real = reach.text_of
        patched.setattr(reach, "text_of", read)

    return change


PACKAGE = "traceability.diligence"


@pytest.mark.parametrize(
    ("change", "packs"),
    [
        (in_table("rule-catalogue.csv", "BATT-52-REPORT", message="said otherwise"), {"BATT"}),
        (in_table("rule-catalogue.csv", "FLR-20-BAN", applicable_from="2027-12-15"), {"FLR"}),
        (in_table("packs.csv", "WASTE", title="Waste"), {"WASTE"}),
        (in_table("annex_i_thresholds.csv", "A-26090000", threshold_kg="4000"), {"CMR"}),
        (in_table("uflpa_high_priority_sectors.csv", "apparel", added_year="2023"), {"UFLPA"}),
        (in_table("battery_annex_x.csv", "1(a)", text="zinc"), {"BATT"}),
        (in_table("crm_2024_1252.csv", "antimony", strategic="yes"), {"CRMA"}),
        (in_table("terms.csv", "csddd_scope", meaning="another"), {"CSDDD"}),
        (in_program(f"{PACKAGE}.packs.waste", "PACK = Pack()", "PACK = Pack()  # the same"), {"WASTE"}),
        (in_program(f"{PACKAGE}.packs.signals", "< PARAMETERS.cluster_topics", "<= PARAMETERS.cluster_topics"), {"ILO"}),
        (in_program(f"{PACKAGE}.packs.signals", '"child_labour"', '"armed_group"'), {"DOC"}),
        (in_program(f"{PACKAGE}.definitions.scopes", "def csddd_scope(", "def csddd_scope( "), {"CSDDD"}),
        (in_program(f"{PACKAGE}.definitions.annex_i", "def threshold(", "def threshold( "), {"CMR"}),
        # Rules of OECD and CMR ask whether it was raised; of its words and severity they know nothing.
        (in_program(f"{PACKAGE}.packs.custody", "def more_out_than_in(", "def more_out_than_in( "), {"COC", "OECD", "CMR"}),
        (in_table("rule-catalogue.csv", "MB-EXCEEDS", applicable_to="2030-12-31"), {"COC", "OECD", "CMR"}),
        (in_table("rule-catalogue.csv", "MB-EXCEEDS", title="More than went in"), {"COC"}),
    ],
)  # fmt: skip
def test_a_change_of_one_pack_changes_the_version_of_that_pack_of_who_asks_for_it_and_of_the_set_alone(
    changed, change, packs
):
    assert changed(change) == (packs, True)


@pytest.mark.parametrize(
    ("name", "value", "packs"),
    [
        ("near_threshold", "0.9", {"CMR"}), ("stale_list_days", 181, {"INT"}), ("cluster_topics", 4, {"ILO"}),
        ("weak_match_score", "0.8", {"ENTITY"}), ("plausible_output", "1.2", {"OECD", "CMR"}),
        ("tolerance", "0.03", {"COC", "OECD", "CMR"}), ("report_due_month", 8, {"CMR", "BATT"}),
    ],
)  # fmt: skip
def test_a_parameter_is_part_of_the_packs_that_read_it(changed, name, value, packs):
    def change(patched):
        patched.setattr(versions, "PARAMETERS", replace(versions.PARAMETERS, **{name: value}))

    assert changed(change) == (packs, True)


@pytest.mark.parametrize("common", ["status", "catalogue", "packs", "notes"])
def test_what_all_rules_run_in_changes_the_set_and_no_pack(changed, common):
    def change(patched):
        real, name = versions.text_of, f"{PACKAGE}.{common}"
        patched.setattr(versions, "text_of", lambda asked: real(asked) + ("\n" if asked == name else ""))

    assert changed(change) == (set(), True)


def test_what_the_engine_imports_is_part_of_the_set_or_of_a_pack():
    """As a whole, or at least as what is imported of it; what only tells versions decides nothing."""
    reached, common = reach.places([one.code for one in rows()]), {f"{PACKAGE}.{name}" for name in versions._COMMON}
    decides_nothing = {f"{PACKAGE}.versions"}
    packs = f"{PACKAGE}.packs"
    for module in common:
        for at, name in reach.module_of(module).imports.values():
            if at not in common | decides_nothing and name != "PARAMETERS":
                assert (at, name) in reached or (module == packs and at.startswith(f"{packs}.")), (module, at, name)


def test_no_change_changes_nothing(changed):
    assert changed(lambda _: None) == (set(), False)


def test_every_code_is_of_one_pack_and_a_version_is_the_hash_of_what_the_pack_is():
    found = versions.packs()
    assert sorted(code for pack in found.values() for code in pack.codes) == sorted(one.code for one in rows())
    content = versions.rule_pack_content()
    for name, pack in found.items():
        assert pack.version == "sha256:" + hashlib.sha256(rfc8785.dumps(content["packs"][name])).hexdigest()
        assert re.fullmatch("sha256:[0-9a-f]{64}", pack.version)
    assert len({pack.version for pack in found.values()}) == len(found) == 17


def test_a_pack_applies_from_the_first_day_of_its_law():
    """As law.md 1 has them; a pack of which one rule has no day of its own has none."""
    days = {name: pack.applicable_from for name, pack in versions.packs().items() if pack.applicable_from}
    assert days == {
        "CMR": date(2021, 1, 1), "FLR": date(2027, 12, 14), "BATT": date(2027, 8, 18), "CRMA": date(2024, 5, 23),
        "UFLPA": date(2022, 6, 21), "DF1502": date(2013, 1, 1), "CSDDD": date(2029, 7, 26), "ACCESS": date(2018, 5, 25),
    }  # fmt: skip
    assert {pack.applicable_to for pack in versions.packs().values()} == {None}


@pytest.mark.parametrize(("ends", "whole"), [(("2030-01-01", "2031-01-01"), "2031-01-01"), (("2030-01-01", ""), None)])
def test_a_pack_ends_with_the_last_of_its_rules(changed, ends, whole):
    def change(patched):
        first, second = (
            replace(row("DF1502-CMR-REQUIRED"), applicable_to=end and date.fromisoformat(end)) for end in ends
        )
        patched.setattr(
            versions, "rows", lambda: [replace(one, applicable_to=one.applicable_to or None) for one in (first, second)]
        )
        forget()
        (pack,) = (pack.to_dict() for pack in versions.packs().values())
        assert (pack["pack"], pack["applicable_to"]) == ("DF1502", whole)
        patched.undo()

    changed(change)
