"""A good pack verifies; each way in which one can be wrong is named."""

import dataclasses
import hashlib
import io
import json
import zipfile
from hashlib import sha256

import orjson
import pytest

from traceability.errors import InvalidInput, TooLarge
from traceability.ledger import pack as packs
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.ledger.pack import Ends, Manifest, read_pack, write_pack
from traceability.ledger.policy import Policy
from traceability.ledger.standalone import main
from traceability.ledger.verify import NOT_PINNED
from traceability.ledger.verify_pack import verify_pack

BATCH = "https://id.mine.example/lot/2"


def lot(number):
    return f"https://id.mine.example/lot/{number}"


def event(number, **members):
    return {"type": "ObjectEvent", "action": "ADD", "eventID": f"urn:uuid:{number}", **members}


EVENTS = [
    event(1, quantityList=[{"epcClass": lot(1), "quantity": 5}]),
    {
        "type": "TransformationEvent", "eventID": "urn:uuid:2",
        "inputQuantityList": [{"epcClass": lot(1)}], "outputQuantityList": [{"epcClass": lot(2)}],
    },
]  # fmt: skip


@pytest.fixture
def made(make_pack):
    return make_pack()


def check(data, made, **named):
    return verify_pack(data, policy=Policy.pin(made.log.key.vkey), **named)


def failed(verdict, what, why=""):
    assert verdict.verdict == "failed", verdict.as_dict()
    item = next(item for item in verdict.items if item.verdict == "failed")
    assert item.what.startswith(what)
    assert why in item.why
    assert verdict.reason == f"{item.what}: {item.why}"
    return True


def test_a_good_pack_verifies(made):
    verdict = check(made.zip(), made)
    assert verdict.verdict == "ok", verdict.as_dict()
    said = [item.what for item in verdict.items if item.verdict == "ok"]
    assert said == [
        "log key", "files", "manifest", "checkpoint", "key k", "event urn:uuid:1", "event urn:uuid:2", "list l",
        "rules r", "document p", "shipment s", "assessment assessments/1.json", "assessment assessments/2.json",
        "assessment assessments/3.json", "decision d", "complete", "keys", "parties", "layer", "events.jsonl", "decisions.jsonl",
        "findings.jsonl", "documents.jsonl", "lists.jsonl", "facts", "rules", "shipments", "signatures", "chain",
    ]  # fmt: skip
    assert [item.what for item in verdict.items if item.verdict == "not checked"] == ["approval of m", "report"]
    assert verdict.not_checked == (
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )


def test_the_same_content_gives_the_same_bytes(made):
    again = dict(reversed(made.files.items()))
    assert write_pack(again, made.manifest, made.log.key) == made.zip()


def test_without_a_policy_nothing_is_trusted(made):
    verdict = verify_pack(made.zip(), policy=None)
    assert (verdict.verdict, verdict.reason) == ("failed", NOT_PINNED)
    assert {item.verdict for item in verdict.items[1:] if item.what not in ("report", "approval of m")} == {"ok"}


def test_the_policy_in_a_pack_is_not_trusted(made, make_pack):
    other = make_pack()
    verdict = check(other.zip(**{"policy.txt": f"log {other.log.key.vkey}\nquorum none\n".encode()}), made)
    assert verdict.reason == NOT_PINNED


def test_a_manifest_signed_by_somebody_else(made):
    assert failed(check(made.zip(key=LogKey.generate(made.log.key.name)), made), "manifest")


def test_every_flipped_or_missing_file_is_named(made):
    for name in made.files:

        def flip(files, name=name):
            files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

        assert failed(check(made.raw(flip), made), "files", name)
        assert failed(check(made.raw(lambda files, name=name: files.pop(name)), made), "files", name)


def test_a_file_under_another_name_is_named(made):
    def swap(files):
        files["captures/c.json"], files["shipments/s.json"] = files["shipments/s.json"], files["captures/c.json"]

    assert failed(check(made.raw(swap), made), "files", "captures/c.json")


def test_a_file_too_many_or_too_few(made):
    assert failed(check(made.raw(lambda files: files.pop("README.txt")), made), "files", "README.txt")
    assert failed(check(made.raw(lambda files: files.update({"x.txt": b""})), made), "files", "x.txt")


def test_a_file_without_a_proof(made):
    assert failed(check(made.zip(**{"decisions/2.json": b"{}"}), made), "complete", "decisions/2.json")


def test_another_body_under_a_good_manifest(made):
    assert failed(
        check(made.zip(**{"assessments/1.json": b'{"status":"NO_FINDINGS"}'}), made),
        "assessment assessments/1.json",
        "hash",
    )


def test_a_manifest_for_another_head(made, make_pack):
    made.manifest = dataclasses.replace(made.manifest, size=3)
    assert failed(check(made.zip(), made), "checkpoint", "3 entries")


def test_proofs_against_another_checkpoint(made):
    rows = [orjson.loads(line) for line in made.files[packs.RECEIPTS].split(b"\n")]
    rows[1]["receipt"]["proof"] = made.old.proof
    files = {packs.RECEIPTS: b"\n".join(map(orjson.dumps, rows))}
    assert failed(check(made.zip(**files), made), "receipt 2", "against the head of the pack")


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"file":1,"about":"x","receipt":{}}', b'{"file":"x","about":"x"}'])
def test_damaged_receipts(made, line):
    assert failed(check(made.zip(**{packs.RECEIPTS: line}), made), "receipt")


def test_an_older_receipt_lies_on_the_tree(made):
    verdict = check(made.zip(), made, older=[made.old.to_json()])
    assert verdict.verdict == "ok"
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("older receipt 1", "ok")


def test_a_receipt_of_a_fork_does_not(made, make_pack):
    fork = make_pack()
    fork.log.key = made.log.key
    other = fork.log.receipt(2, made.body, jws=None)
    assert failed(check(made.zip(), made, older=[other.to_json()]), "older receipt 1")


def test_a_receipt_of_another_log_is_named(made, make_pack):
    assert failed(check(made.zip(), made, older=[make_pack().old.to_json()]), "older receipt 1", "another log")


def ending(made, **ends):
    """Let the log say where the chain in a pack ends."""
    made.manifest = dataclasses.replace(made.manifest, ends=Ends(**ends))
    return made


def test_a_chain_that_begins_nowhere_is_said(make_pack):
    made = ending(make_pack(EVENTS[1:]), begins=(lot(1),))
    verdict = check(made.zip(), made)
    assert verdict.verdict == "ok"
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("chain", "not checked")
    assert f"begins at {lot(1)}" in verdict.items[-1].why
    assert verdict.not_checked == (
        "1 batch that no event here made",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )


def test_a_chain_whose_first_event_was_taken_out_fails(make_pack):
    made = make_pack(EVENTS[1:])
    assert failed(check(made.zip(), made), "chain", f"no event in the pack made {lot(1)}, and the manifest names no")


def test_a_beginning_that_is_none_fails(made):
    assert failed(check(ending(made, begins=(lot(1),)).zip(), made), "chain", f"no event made {lot(1)}, which one here")
    assert failed(check(ending(made, beside=(lot(8),)).zip(), made), "chain", f"no event made {lot(8)}")


BLEND = {
    "type": "TransformationEvent", "eventID": "urn:uuid:3",
    "inputQuantityList": [{"epcClass": lot(2)}, {"epcClass": lot(7)}], "outputQuantityList": [{"epcClass": lot(3)}],
}  # fmt: skip


def test_batches_of_other_chains_are_counted_apart(make_pack):
    made = ending(make_pack([*EVENTS, BLEND]), beside=(lot(7),))
    verdict = check(made.zip(), made)
    assert (verdict.verdict, verdict.not_checked[0]) == ("ok", "1 batch of another chain")
    assert lot(7) in verdict.items[-1].why


def test_what_the_batch_was_made_of_is_no_other_chain(make_pack):
    made = ending(make_pack(EVENTS[1:]), beside=(lot(1),))
    assert failed(check(made.zip(), made), "chain", f"was made of {lot(1)}")


def test_another_spelling_is_the_word_of_the_log_and_has_to_be_here(make_pack):
    urn = "urn:epc:class:lgtin:4012345.012345.L1"
    used = {**EVENTS[1], "inputQuantityList": [{"epcClass": urn}]}
    made = ending(make_pack([EVENTS[0], used]), same={urn: lot(1)})
    verdict = check(made.zip(), made)
    assert (verdict.verdict, verdict.not_checked[0]) == ("ok", "1 batch of two names")
    assert failed(check(ending(made, same={urn: lot(9)}).zip(), made), "chain", lot(9))


def test_what_went_in_under_another_spelling_is_no_other_chain(make_pack):
    crude = event(3, quantityList=[{"epcClass": lot(4)}])
    mixed = {**EVENTS[1], "eventID": "urn:uuid:4", "outputQuantityList": [{"epcClass": lot(4)}]}
    made = make_pack([crude, mixed, {**EVENTS[1], "inputQuantityList": [{"epcClass": "urn:x:four"}]}])
    ending(made, beside=(lot(1),), same={"urn:x:four": lot(4)})
    assert failed(check(made.zip(), made), "chain", f"was made of {lot(1)}")


@pytest.mark.parametrize(
    "ends",
    [None, [], {}, {"begins": [], "beside": []}, {"begins": [1], "beside": [], "same": {}},
     {"begins": "x", "beside": [], "same": {}}, {"begins": [], "beside": [], "same": {"x": None}}],
)  # fmt: skip
def test_ends_of_another_form_are_no_manifest(made, ends):
    said = orjson.loads(read_pack(made.zip())[packs.MANIFEST])
    with pytest.raises(InvalidInput):
        Manifest.from_json(orjson.dumps({**said, "ends": ends}))


def test_a_pack_about_another_batch(make_pack):
    made = make_pack(EVENTS[:1])
    assert failed(check(made.zip(), made), "chain", lot(2))


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no zip", b"PK\x05\x06" + bytes(18)], ids=["nothing", "two bytes", "text", "empty zip"]
)
def test_what_is_no_pack_gets_a_verdict(made, data):
    assert check(data, made).verdict == "failed"


def test_a_zip_bomb_is_refused(made, monkeypatch):
    monkeypatch.setattr(packs, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge):
        read_pack(made.zip())
    assert check(made.zip(), made).verdict == "failed"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../b", "a//b", "", "a\\b", ".x", "a/b/c/d/e/f", "x" * 300])
def test_names_that_leave_the_pack_are_refused(made, name):
    with pytest.raises(InvalidInput):
        write_pack({**made.files, name: b""}, made.manifest, made.log.key)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name or "/", b"x")
    with pytest.raises(InvalidInput):
        read_pack(target.getvalue())


def test_two_files_of_one_name_are_refused(recwarn):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    recwarn.clear()
    with pytest.raises(InvalidInput, match="same name"):
        read_pack(target.getvalue())


def zipped(*files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return target.getvalue()


def test_names_that_differ_by_case_are_refused():
    with pytest.raises(InvalidInput, match="differ by case alone"):
        read_pack(zipped(("README.txt", b"1"), ("readme.txt", b"2")))


def test_bytes_that_belong_to_no_file_are_refused(made):
    data = zipped(("a", b"1"), ("b", b"2"))
    assert read_pack(data) == {"a": b"1", "b": b"2"}
    place = data.index(b"PK\x03\x04", 4)
    for odd in (zipped(("x", b"hidden")) + data, data[:-2] + b"\x03\x00abc"):
        with pytest.raises(InvalidInput, match="belong to no file"):
            read_pack(odd)
    inside = bytearray(data[:place] + bytes(40) + data[place:])
    directory, end = inside.index(b"PK\x01\x02"), inside.index(b"PK\x05\x06")
    second = inside.index(b"PK\x01\x02", directory + 1)
    inside[second + 42 : second + 46] = (place + 40).to_bytes(4, "little")
    inside[end + 16 : end + 20] = directory.to_bytes(4, "little")
    with pytest.raises(InvalidInput, match="before b belong to no file"):
        read_pack(bytes(inside))


def test_a_pack_that_expands_without_measure_is_refused(monkeypatch):
    monkeypatch.setattr(packs, "_SMALL", 1000)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1_000_000))
    with pytest.raises(TooLarge, match="250 times"):
        read_pack(target.getvalue())


@pytest.mark.parametrize("name", ["x.txt", "notes/1.json", "captures/a/b.json", "captures", "released.pdf"])
def test_files_of_unknown_name_are_refused_though_the_manifest_names_them(made, name):
    assert failed(check(made.zip(**{name: b"x"}), made), "files", f"{name} is no file of a pack")


def test_a_line_with_a_member_twice_is_refused(made):
    line = made.files["documents.jsonl"]
    data = made.zip(**{"documents.jsonl": line[:-1] + b',"size":5}'})
    assert failed(check(data, made), "documents.jsonl")


def test_a_private_record_in_a_pack_of_the_chain_alone_is_named(made):
    made.manifest = dataclasses.replace(made.manifest, layer="chain")
    assert failed(check(made.zip(), made), "layer", "shows the chain alone")
    made.manifest = dataclasses.replace(made.manifest, layer="all of it")
    assert failed(check(made.zip(), made), "layer", "all of it")


def test_an_entry_of_after_the_head_is_named(made):
    made.manifest = dataclasses.replace(made.manifest, as_of="2020-01-01T00:00:00Z")
    assert failed(check(made.zip(), made), "complete", "is of after")
    made.manifest = dataclasses.replace(made.manifest, as_of="soon")
    assert failed(check(made.zip(), made), "complete", "when the head was signed")


def test_the_record_that_brought_a_key_is_in_the_pack(made):
    del made.files["keys/k.json"]
    made.change("receipts.jsonl", lambda lines: [one for one in lines if one["file"] != "keys/k.json"])
    assert failed(check(made.zip(), made), "keys", "which brought the key")


def test_an_event_of_a_capture_that_no_line_tells_is_said(make_pack):
    made = make_pack()
    shipped = {
        "type": "ObjectEvent",
        "action": "DELETE",
        "eventID": "urn:uuid:3",
        "quantityList": [{"epcClass": BATCH}],
    }
    made = make_pack([*EVENTS, shipped])
    made.change("events.jsonl", lambda lines: lines[:-1])
    made.change("receipts.jsonl", lambda lines: [one for one in lines if one["about"] != "event urn:uuid:3"])
    verdict = check(made.zip(), made)
    assert verdict.not_checked == (
        "1 event in a capture that no line tells",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )
    assert "captures/c.json" in next(item.why for item in verdict.items if item.what == "captures")


@pytest.mark.parametrize(("name", "member"), [("events.jsonl", "received_at"), ("documents.jsonl", "uploaded_at")])
def test_when_something_was_received_is_what_its_entry_says(made, name, member):
    verdict = changed(made, name, lambda lines: [{**lines[0], member: "2020-01-01T00:00:00+00:00"}, *lines[1:]])
    assert names_it(verdict, "is not when the log received it")


def test_tokens_that_nobody_could_check_are_counted_in_the_last_line(made):
    from traceability.ledger.standalone import text

    token = b'{"authority":"A","token":"dG9rZW4="}'
    verdict = check(made.zip(**{packs.TIMESTAMPS: token + b"\n" + token}), made)
    assert verdict.not_checked == (
        "2 time-stamp tokens",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )
    assert verdict.as_dict()["not_checked"] == list(verdict.not_checked)
    said = text({"file": "pack.zip", **verdict.as_dict()}).splitlines()
    assert (
        said[-1]
        == "pack.zip: ok; not checked: 2 time-stamp tokens, 1 approval of a party or key by hash only, 1 end of a key, 1 report in words"
    )


def test_no_name_in_a_pack_begins_a_line_of_the_answer(made):
    from traceability.ledger.standalone import text

    lie = "x\n  ok          everything: \x1b[32mgood"
    verdict = changed(made, "receipts.jsonl", lambda lines: [{**lines[0], "about": lie}, *lines[1:]])
    said = text({"file": "p", **verdict.as_dict()})
    assert len(said.splitlines()) == len(verdict.items) + 3
    assert "\x1b" not in said


def test_the_manifest_names_hashes_of_all_files(made):
    files = read_pack(made.zip())
    manifest = Manifest.from_json(files[packs.MANIFEST])
    assert manifest.files == {n: hashlib.sha256(d).hexdigest() for n, d in made.files.items()}


@pytest.mark.parametrize("data", [b"{}", b"[]", b"{", b'{"format":"other"}'])
def test_another_manifest_is_refused(data):
    with pytest.raises(InvalidInput):
        Manifest.from_json(data)


LINES = ["receipts.jsonl", "events.jsonl", "decisions.jsonl", "findings.jsonl", "documents.jsonl", "lists.jsonl"]
"""Files of lines. A log that lies signs a manifest over them: what they say has to be borne out by what is proved."""


def changed(made, name, change):
    lines = [orjson.loads(line) for line in made.files[name].split(b"\n")]
    return check(made.zip(**{name: b"\n".join(map(orjson.dumps, change(lines)))}), made)


def names_it(verdict, *names):
    assert verdict.verdict == "failed", verdict.reason
    assert any(name in verdict.reason for name in names), verdict.reason
    return True


@pytest.mark.parametrize("name", [name for name in LINES if name != "findings.jsonl"])
def test_a_line_left_out_is_named(made, name):
    for number, line in enumerate(made.lines(name)):
        verdict = changed(made, name, lambda lines, n=number: lines[:n] + lines[n + 1 :])
        if line.get("about") == "approval of m":  # logs of before have none that can be told apart
            assert verdict.not_checked[0] == "1 party whose approval is not here"
            continue
        assert names_it(
            verdict, "no receipt", "no line", "has no proof", "signature of nothing", "no event of the pack"
        )


@pytest.mark.parametrize("name", ["receipts.jsonl", "events.jsonl"])
def test_lines_twice_or_in_another_order_are_named(made, name):
    assert names_it(changed(made, name, lambda lines: [*lines, lines[0]]), "order of the log")
    assert names_it(changed(made, name, lambda lines: lines[::-1]), "order of the log")


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("events.jsonl", "event", {"type": "ObjectEvent", "action": "ADD", "quantityList": []}),
        ("events.jsonl", "event_id", "urn:uuid:9"), ("events.jsonl", "file", None), ("events.jsonl", "index", 7),
        ("events.jsonl", "index", "x"), ("events.jsonl", "event", None), ("events.jsonl", "position", 77),
        ("events.jsonl", "event", {**EVENTS[-1], "eventID": "urn:uuid:LIE"}),
        ("findings.jsonl", "file", "facts.json"),
        *(("decisions.jsonl", one, "other") for one in ("disposition", "reason", "proposed_by", "findings", "state")),
        ("decisions.jsonl", "about", {"kind": "batch", "subject": lot(1)}), ("decisions.jsonl", "entry_index", 2),
        ("findings.jsonl", "message", "nothing"), ("findings.jsonl", "file", "assessments/9.json"),
        ("findings.jsonl", "file", "README.txt"), ("findings.jsonl", "file", []),
        ("documents.jsonl", "sha256", "00"), ("documents.jsonl", "file", None), ("documents.jsonl", "entry_index", 2),
        ("lists.jsonl", "table_sha256", "00" * 32), ("lists.jsonl", "table_sha256", "x"),
        ("receipts.jsonl", "file", "README.txt"), ("receipts.jsonl", "file", "nothing/here"),
        ("receipts.jsonl", "receipt", {}),
    ],
)  # fmt: skip
def test_a_line_that_says_something_else_is_named(made, name, member, value):
    verdict = changed(made, name, lambda lines: [*lines[:-1], {**lines[-1], member: value}])
    assert names_it(verdict, name, "receipt", "README.txt", "nothing/here")


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("line", [b"{", b"[]", b"1", b"null", b"{}"])
def test_lines_that_are_no_records_get_a_verdict(made, name, line):
    assert check(made.zip(**{name: line}), made).verdict == "failed"


@pytest.mark.parametrize("name", LINES)
def test_a_file_of_lines_that_is_missing_is_named(made, name):
    del made.files[name]
    assert names_it(check(made.zip(), made), name)


def test_a_signature_of_nothing_is_named(made):
    assert failed(check(made.zip(**{"signatures/x.jws": b"a..b"}), made), "signatures", "signatures/x.jws")


def test_a_record_shown_as_another_kind_is_named(made):
    def change(lines):
        return [{**line, "file": "documents/p2"} if line["file"] == "assessments/1.json" else line for line in lines]

    made.files["documents/p2"] = made.files.pop("assessments/1.json")
    assert names_it(changed(made, "receipts.jsonl", change), "documents/p2")


def test_what_is_missing_of_a_chain_is_said_by_what_the_reader_may_see(make_pack):
    made = ending(make_pack(EVENTS[1:]), begins=(lot(1),))
    assert "says the log" in check(made.zip(), made).items[-1].why
    made.manifest = dataclasses.replace(made.manifest, view="own chain")
    assert "this reader may not see it" in check(made.zip(), made).items[-1].why


def test_a_batch_that_is_only_handled_is_missing_as_well(make_pack):
    seen = {"type": "ObjectEvent", "action": "OBSERVE", "eventID": "urn:uuid:3", "quantityList": [{"epcClass": lot(9)}]}
    made = ending(make_pack([*EVENTS, seen]), begins=(lot(9),))
    last = check(made.zip(), made).items[-1]
    assert (last.verdict, lot(9) in last.why) == ("not checked", True)


def test_a_correction_that_is_not_there_is_said(make_pack):
    declared = {**EVENTS[1], "errorDeclaration": {"correctiveEventIDs": ["urn:uuid:77"]}}
    made = make_pack([EVENTS[0], declared])
    last = check(made.zip(), made).items[-1]
    assert (last.what, last.verdict) == ("corrections", "not checked")
    assert "urn:uuid:77" in last.why


def test_every_flipped_bit_of_a_pack_is_found(made):
    import random

    data, chance = made.zip(), random.Random(7)
    for place in (chance.randrange(len(data) * 8) for _ in range(150)):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        try:
            same = read_pack(bytes(flipped)) == read_pack(data)
        except (InvalidInput, TooLarge):
            same = False
        assert same or check(bytes(flipped), made).verdict == "failed", place


def test_a_chain_told_by_lines_alone_is_not_checked(made):
    def hidden(lines):
        return [{**line, "file": None} if line["file"] == "captures/c.json" else line for line in lines]

    made.files[packs.EVENTS] = b"\n".join(
        orjson.dumps({**orjson.loads(line), "file": None}) for line in made.files[packs.EVENTS].split(b"\n")
    )
    del made.files["captures/c.json"]
    verdict = changed(made, "receipts.jsonl", hidden)
    assert verdict.verdict == "ok", verdict.reason
    assert (verdict.items[-1].what, verdict.items[-1].verdict) == ("chain", "not checked")
    assert "2 events are as the log tells it" in verdict.items[-1].why
    assert verdict.not_checked == (
        "2 events by hash only",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )


def test_a_key_brought_twice_holds_nothing(made):
    rows = [orjson.loads(line) for line in made.files[packs.RECEIPTS].split(b"\n")]
    key_row = next(row for row in rows if row["file"] == "keys/k.json")
    other = {**key_row, "about": "key k again"}
    verdict = check(made.zip(**{packs.RECEIPTS: b"\n".join(map(orjson.dumps, [key_row, other, *rows[1:]]))}), made)
    assert names_it(verdict, "order of the log")


@pytest.mark.parametrize("line", [b"[]", b"1", b'{"size":9}', b'{"size":9,"proof":["!"]}', b'{"size":9,"proof":7}'])
def test_proofs_of_consistency_that_are_none_get_a_verdict(made, line):
    size = made.old_head[0]
    data = made.zip(**{packs.CONSISTENCY: line.replace(b"9", b"%d" % size)})
    verdict = check(data, made, older=[made.old.to_json()])
    assert verdict.verdict == "failed"


def test_a_receipt_of_another_batch_is_said_to_lack_a_proof_and_how_to_get_it(made):
    size, data = made.manifest.size, made.zip(**{packs.CONSISTENCY: b""})
    verdict = check(data, made, older=[made.old.to_json()])
    assert failed(verdict, "older receipt 1", "the pack holds no proof of that")
    why = verdict.items[-1].why
    assert f"/v1/ledger/proofs/consistency?from={made.old_head[0]}&to={size}" in why
    assert "compare-checkpoints RECEIPT.json checkpoint" in why
    assert "nothing here contradicts it" in why


def test_a_receipt_of_a_later_head_is_not_checked_against_the_pack(made):
    """A receipt grows: asked for again it may be against a head that no pack of before can know."""
    made.log.add(made.log.entries[0])
    later = made.log.receipt(2, made.body, jws=made.files["signatures/c.jws"].decode())
    verdict = check(made.zip(), made, older=[later.to_json()])
    assert (verdict.verdict, verdict.items[-1].verdict) == ("ok", "not checked")
    assert "compare-checkpoints" in verdict.items[-1].why
    assert "1 receipt of a later head" in verdict.not_checked
    index = made.log.add(Entry(kind="evidence-pack", body=digest(made.zip()), at=1))
    own = made.log.receipt(index, digest(made.zip()))
    verdict = check(made.zip(), made, older=[own.to_json()])
    assert (verdict.verdict, verdict.items[-1].verdict) == ("ok", "not checked")
    assert "before its entry is made" in verdict.items[-1].why


def test_the_receipt_of_a_pack_has_to_be_of_the_file_beside_it(made, tmp_path, capsys):
    data, other = made.zip(), made.zip(**{"README.txt": b"another"})
    index = made.log.add(Entry(kind="evidence-pack", body=digest(data), at=1))
    receipt = made.log.receipt(index, digest(data)).to_json()
    for name, content in (("p.zip", data), ("q.zip", other), ("r.json", receipt)):
        (tmp_path / name).write_bytes(content)

    def said(*names):
        """Return the exit code, and the line about the pack in the verdict on the receipt."""
        code = main(
            ["--pin", made.log.key.vkey, "--json", str(tmp_path / "r.json"), *(str(tmp_path / n) for n in names)]
        )
        rows = json.loads(capsys.readouterr().out)
        (item,) = [one for one in rows[0]["items"] if one["what"] == "pack"]
        return code, rows[0]["verdict"], item["verdict"], item["why"]

    code, verdict, item, why = said("p.zip")
    assert (code, verdict, item) == (0, "ok", "ok")
    assert why == f"the entry stands for exactly this file: {tmp_path / 'p.zip'}, SHA-256 {sha256(data).hexdigest()}"
    assert said("q.zip", "p.zip")[:3] == (0, "ok", "ok")
    code, verdict, item, why = said()
    assert (code, verdict, item, sha256(data).hexdigest() in why) == (0, "ok", "not checked", True)
    code, verdict, item, why = said("q.zip")
    assert (code, verdict, item, sha256(data).hexdigest() in why) == (1, "failed", "failed", True)


@pytest.mark.parametrize("asked", [1, 2])
def test_the_quorum_of_the_policy_is_told_for_the_head_of_the_pack(make_pack, asked):
    witnesses = [CosigningKey.generate(f"w{number}.example") for number in (1, 2)]
    made = make_pack(witness=witnesses[0])
    lines = [f"log {made.log.key.vkey}", *(f"witness W{n} {one.public.vkey}" for n, one in enumerate(witnesses, 1))]
    policy = Policy.parse("\n".join([*lines, f"group G {asked} W1 W2", "quorum G"]).encode())
    verdict = verify_pack(made.zip(), policy=policy)
    item = next(item for item in verdict.items if item.what == "witnesses")
    assert (verdict.verdict, item.verdict) == (("ok", "ok") if asked == 1 else ("failed", "failed")), verdict.reason
    assert "W1 at " in item.why
    assert asked == 1 or verdict.reason.startswith("witnesses: expected cosignatures that make up the quorum 'G'")
