"""A log that lies about what was found: what its assessments say is missed where the lines leave it out."""

from hashlib import sha256

import pytest
import rfc8785

NAME = "findings.jsonl"


def failed(verdict, *why):
    assert verdict.verdict == "failed", verdict.reason
    assert any(one in verdict.reason for one in why), verdict.reason
    return True


@pytest.fixture
def made(make_pack):
    return make_pack()


@pytest.mark.parametrize("number", range(4))
def test_a_finding_left_out_is_named(made, number):
    code = made.lines(NAME)[number]["code"]
    made.change(NAME, lambda lines: lines[:number] + lines[number + 1 :])
    assert failed(made.check(), f"no line tells the finding {code} of assessments/")


def test_no_findings_at_all_are_missed(made):
    made.files[NAME] = b""
    assert failed(made.check(), "no line tells the finding RF-L1 of assessments/1.json")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("severity", "critical"), ("message", "nothing"), ("lists", []), ("subject", "S-2"), ("kind", "batch"),
        ("importer", "did:web:other.example"), ("superseded_by", None), ("file", "assessments/2.json"),
    ],
)  # fmt: skip
def test_an_invented_finding_is_named(made, member, value):
    made.change(NAME, lambda lines: [{**lines[0], member: value}, *lines[1:]])
    assert failed(made.check(), "findings.jsonl")


def test_a_finding_that_stands_cannot_be_told_as_superseded(made):
    made.change(NAME, lambda lines: [*lines[:-1], {**lines[-1], "superseded_by": made.run}])
    assert failed(made.check(), "superseded by another run")


def test_a_finding_is_told_once_and_in_order(made):
    made.change(NAME, lambda lines: [*lines, lines[-1]])
    assert failed(made.check(), "in their order, each once")


def test_a_list_version_that_an_assessment_read_is_missed(make_pack):
    more = {"coverage": [{"list_id": "ofac", "version": "7"}]}
    made = make_pack(add=lambda maker: maker.assess("assessments/4.json", "batch", "b", **more))
    assert failed(made.check(), "no line tells the version 7 of ofac")


def test_a_line_of_a_list_that_no_run_was_told_is_named(made):
    made.change("lists.jsonl", lambda lines: [{**lines[0], "matching_lines": [{"name": "Somebody Else"}]}])
    assert failed(made.check(), "in no facts")


def test_facts_left_out_or_of_another_run_are_named(made):
    del made.files["facts/2.json"]
    assert failed(made.check(), "assessments/2.json was reached from facts that are not in the pack")
    made.files["facts/2.json"] = b'{"lists":{}}'
    assert failed(made.check(), "facts/2.json: the run was reached from other facts")


def test_facts_of_no_run_are_named(made):
    made.files["facts/9.json"] = b"{}"
    assert failed(made.check(), "facts/9.json")


def test_a_shipment_record_left_out_is_named(make_pack):
    made = make_pack(add=lambda maker: maker.assess("assessments/4.json", "shipment", "S-9"))
    assert failed(made.check(), "about the shipment record S-9, which is not in the pack")


def test_rules_that_are_not_there_are_counted(make_pack):
    result = {"result": {"findings": [], "rule_pack_version": "L0"}}
    made = make_pack(add=lambda maker: maker.assess("assessments/4.json", "batch", "b", **result))
    verdict = made.check()
    assert (verdict.verdict, verdict.not_checked) == (
        "ok",
        ("1 rule set by name only", "1 approval of a party or key by hash only", "1 end of a key", "1 report in words"),
    )


CONTENT = {"packs": {"A": {"catalogue": [{"code": "RF-L1"}], "law": "Art. 1 – Ж"}, "B": {"program": "b"}}, "common": {}}


def version_of(content):
    return f"sha256:{sha256(rfc8785.dumps(content)).hexdigest()}"


PACKS = {name: version_of(pack) for name, pack in CONTENT["packs"].items()}


def with_packs(*found, **changes):
    """Return what adds rules with two packs to a pack, and a run by them that found so."""
    whole = version_of(changes.get("content", CONTENT))
    told = [{"pack": name, "version": version} for name, version in PACKS.items()]
    rules = {"v": 2, "name": "law", "version": whole, "packs": told, "content": CONTENT, **changes}

    def add(maker):
        maker.record("rule-set", rules, "rules/2.json", "rules of today")
        said = {"result": {"findings": list(found), "rule_pack_version": rules["version"]}}
        maker.assess("assessments/4.json", "batch", "b", *found, **said)

    return add


def test_each_rule_pack_is_what_its_version_is_the_hash_of(make_pack):
    found = {"code": "RF-L1", "pack": "A", "pack_version": PACKS["A"]}
    assert make_pack(add=with_packs(found)).check().verdict == "ok"
    other = with_packs(found | {"pack_version": PACKS["B"]})
    assert failed(make_pack(add=other).check(), "RF-L1 names another version of its pack than the rules")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "sha256:0"}, "not the hash of what the record holds"),
        ({"packs": [{"pack": "A", "version": PACKS["A"]}]}, "not the hash of what the record holds"),
        ({"packs": [{"pack": name, "version": PACKS["A"]} for name in PACKS]}, "the pack B is not the hash"),
        ({"content": CONTENT | {"packs": CONTENT["packs"] | {"B": {"program": "c"}}}}, "the pack B is not the hash"),
    ],
)
def test_rules_that_are_not_what_their_version_says_are_named(make_pack, changes, said):
    assert failed(make_pack(add=with_packs(**changes)).check(), said)


def test_an_assessment_of_the_older_form_is_held_to_its_findings_and_counted(make_pack):
    def older(maker):
        maker.record(
            "assessment", {"findings": [{"code": "RF-L9"}]}, "assessments/4.json", "older", who=maker.signer["who"]
        )

    made = make_pack(add=older)
    assert failed(made.check(), "no line tells the finding RF-L9")
    line = {"code": "RF-L9", "importer": made.manifest.importers[0], "kind": "batch", "subject": "b"}
    made.line(NAME, {**line, "file": "assessments/4.json", "superseded_by": None})
    verdict = made.check()
    assert (verdict.verdict, verdict.not_checked) == (
        "ok",
        (
            "1 assessment of an older form",
            "1 approval of a party or key by hash only",
            "1 end of a key",
            "1 report in words",
        ),
    )


def test_a_document_that_a_run_read_and_nobody_lists_is_counted(make_pack):
    read = [{"document_id": "sha256:00#1"}, {"document_id": "sha256:00#2"}]
    made = make_pack(add=lambda maker: maker.assess("assessments/4.json", "batch", "b", told={"documents": read}))
    verdict = made.check()
    assert verdict.not_checked == (
        "1 document of a run that is not listed",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )
