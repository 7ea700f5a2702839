"""Packs of a small chain on both databases: each record proved, nothing later named, no more than the reader may see."""

import dataclasses
import io
import re
from datetime import date

import orjson
import pypdf
import pytest
import sqlalchemy as sa
from sqlmodel import select

from traceability.errors import NotFound
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.entry import KINDS, Entry
from traceability.ledger.note import note_text
from traceability.ledger.pack import MANIFEST, Manifest, json_lines, read_pack, write_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify_pack import verify_pack
from traceability.services import review
from traceability.services.access import Actor
from traceability.services.evidence.pack import evidence_pack
from traceability.services.mandates import grant
from traceability.services.revocation import revoke
from traceability.storage.tables import Checkpoint, Cosignature, Decision, LedgerEntry, User

LOT = "https://mine.example/lot/L-1"
MIX = "https://importer.example/lot/MIX"
ADMIN = Actor("root", "root", "admin")
PURPOSE = "ex-post check, file 2026-17"


@pytest.fixture
def told(world, tell):
    """A critical shipment with a hit, papers, and decisions of every kind: in force, waiting, confirmed, declined."""
    world.lists(tell.listed("UN.9", "Mine", country="RW"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": world.mine.did})
    world.paper(b"cert", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("CD"),)))
    world.work()
    return world


def pack(world, actor=None, lot=LOT, size=None, **named):
    made = evidence_pack(world.service, actor or world.officer(), lot, size=size, **named)
    return made.data, read_pack(made.data), made.size


def verified(world, data):
    verdict = verify_pack(data, policy=Policy.pin(world.service.log_key.vkey))
    assert verdict.verdict == "ok", verdict.reason
    return verdict


def report(files):
    reader = pypdf.PdfReader(io.BytesIO(files["report.pdf"]))
    said = " ".join("\n".join(page.extract_text() for page in reader.pages).replace("\u200b", "").split())
    return said, orjson.loads(reader.attachments["evidence.json"][0])


def test_decisions_are_proved_as_they_were_proposed_confirmed_and_declined(told):
    declined = told.decide("released", "shipment", "S-1")
    review.decline(told.service, told.officer("bert"), declined.id, "No: the certificate contradicts the chain.")
    released = told.decide(
        "released_with_mitigation", "shipment", "S-1", steps=({"what": "visit", "due_on": "2027-01-01"},)
    )
    told.confirm(released)
    told.decide("suspended", "shipment", "S-1", reason="Until the certificate has been explained.")
    judged = told.judge("hit", told.hit("S-1"), "rejected")
    told.confirm(judged)
    waiting = told.judge("hit", told.hit("S-1"), "rejected")
    data, files, size = pack(told)
    verdict = verified(told, data)
    lines = {row["id"]: row for row in json_lines(files["decisions.jsonl"])}
    assert {row["state"] for row in lines.values()} == {"refused", "in_force", "waiting"}
    assert len(lines) == 5
    assert lines[waiting.id]["findings"] == waiting.findings != []
    proved = [item.what for item in verdict.items if item.what.startswith("decision ")]
    assert len(proved) == 8
    assert sum("declined by a second person" in what for what in proved) == 1
    assert all(item.verdict == "ok" for item in verdict.items if item.what.startswith("decision "))
    assert not [one for one in verdict.not_checked if "judgement" in one]
    said, attached = report(files)
    assert "Until the certificate has been explained." in said
    assert "waits for a second person" in said
    assert "visit" in said
    assert [row["id"] for row in attached["importers"][0]["decisions"]] == list(lines)
    told.confirm(waiting)
    assert pack(told, size=size)[0] == data, "a later confirmation is not named"


def test_the_same_size_gives_the_same_bytes_whatever_comes_later(told, tell):
    data, files, size = pack(told)
    told.decide("suspended", "shipment", "S-1")
    told.capture(told.importer, tell.blend(told.importer, {LOT: 1000}, {MIX: 1000}))
    told.site(told.mine, "pit", "CD")
    told.load("un-sc", tell.listed("UN.1", "Other"), published="2026-11-21")
    told.paper(b"later", [("batch", LOT)])
    told.shipment([LOT], net_weight_kg="999")
    key = told.mine.key_row
    revoke(told.service, ADMIN, key.kid, "lost with the laptop", compromised_since=1)
    told.work()
    again, _, newer = pack(told, size=size)[0], *pack(told)[1:]
    assert again == data
    assert newer > size
    assert MIX.encode() not in data
    with told.service.store.read() as session:
        assert session.get(Checkpoint, size) is not None
    assert {row["version"] for row in json_lines(files["lists.jsonl"])} == {"2026-11-20"}


def test_whoever_is_registered_later_is_not_named_in_a_pack_of_before(told, tell, make_user):
    stranger = "did:web:stranger.example"
    to = {"destinationList": [{"type": "possessing_party", "destination": stranger}]}
    told.capture(told.importer, tell.hand("shipping", told.importer, told.mine, LOT) | to)
    data, files, size = pack(told)
    assert "not registered" in report(files)[0]
    late = told.party("Stranger Smelting", ["smelter"], "MY", did=stranger)
    told.site(late, "hall", "MY")
    told.site(told.importer, "yard", "BE")
    make_user("officer", party=told.importer)
    again, _, _ = pack(told, size=size)
    assert again == data
    assert "Stranger Smelting" in report(pack(told)[1])[0]


def test_a_user_that_is_renamed_or_added_changes_no_pack_of_before(told, make_user):
    made = make_user("officer", party=told.importer)
    told.decide("suspended", "shipment", "S-1")
    data, _, size = pack(told)
    told.sql(User, User.id == made.row.id, name="somebody-else")
    make_user("officer", party=told.importer)
    assert pack(told, size=size)[0] == data


def test_whoever_assessed_the_batch_by_then_is_in_a_regulators_pack(told, make_user, tell):
    user = make_user("regulator", party=None)
    term = (date(2026, 11, 1), date(2026, 12, 31))
    grant(told.service, ADMIN, user.row.name, "Authority", "Art. 11", "ex-post checks", term)
    data, files, size = pack(told, user.actor, purpose=PURPOSE)
    assert Manifest.from_json(files[MANIFEST]).importers == (told.importer.did,)
    told.chain("https://mine.example/lot/L-2")
    told.shipment(["https://mine.example/lot/L-2"])
    told.work()
    assert pack(told, user.actor, size=size, purpose=PURPOSE)[0] == data


def cosigned(told, size=None):
    """Let a witness cosign a checkpoint, the newest where no size is given; return its size."""
    key = CosigningKey.generate("witness.example/w1")
    newest = Checkpoint.size == (size or sa.select(sa.func.max(Checkpoint.size)).scalar_subquery())
    with told.service.store.read() as session:
        head = session.exec(select(Checkpoint).where(newest)).one()
    now = told.service.clock()
    line = key.cosign(note_text(head.note), now)
    row = Cosignature(size=head.size, witness=key.public.vkey, line=line, at=now.replace(microsecond=0))
    told.service.store.write(lambda tx: tx.session.add(row))
    return head.size


def test_a_cosignature_that_comes_later_is_in_no_pack_of_a_size_that_was_shown_without(told):
    data, files, size = pack(told)
    cosigned(told, size)
    assert pack(told, size=size)[0] == data
    other = cosigned(told)
    assert pack(told, size=other)[1]["checkpoint"].count(b"\xe2\x80\x94 ") == 2
    assert files["checkpoint"].count(b"\xe2\x80\x94 ") == 1


def test_a_pack_is_bound_to_the_newest_cosigned_head_unless_something_in_it_is_younger(told, tell):
    size = cosigned(told)
    told.site(told.mine, "store", "CD")  # nothing of the pack
    assert pack(told)[2] == size
    told.decide("suspended", "shipment", "S-1")
    assert pack(told)[2] > size


def test_every_run_is_in_it_and_findings_are_those_of_the_newest(told):
    first = json_lines(pack(told)[1]["findings.jsonl"])
    told.paper(b"second", [("shipment", "S-1")])
    told.work()
    data, files, _ = pack(told)
    verified(told, data)
    runs = [name for name in files if name.startswith("assessments/")]
    newest = {row["file"] for row in json_lines(files["findings.jsonl"])}
    assert len(runs) > 2
    assert newest
    assert newest <= set(runs)
    assert {row["code"] for row in first} >= {"ORIGIN-MISMATCH"}


def test_the_rules_that_judged_are_in_it_and_proved(told):
    data, files, _ = pack(told)
    assert sum(item.what.startswith("rules of the ") for item in verified(told, data).items) == 2
    rules = {said["name"]: said for said in (orjson.loads(files[name]) for name in files if name.startswith("rules/"))}
    runs = [orjson.loads(files[name]) for name in files if name.startswith("assessments/")]
    assert {run["result"]["rule_pack_version"] for run in runs} == {rules["law"]["version"]}
    assert {row["code"] for row in rules["law"]["content"]["packs"]["OECD"]["catalogue"]} >= {"ORIGIN-MISMATCH"}
    told_of = {pack["pack"]: pack["version"] for pack in rules["law"]["packs"]}
    found = json_lines(files["findings.jsonl"])
    assert {(row["pack"], row["pack_version"]) for row in found} <= told_of.items()
    assert rules["documents"]["version"] == "1"


def test_lines_of_lists_that_findings_rest_on_are_shown(told):
    rows = json_lines(pack(told)[1]["lists.jsonl"])
    found = [line for row in rows for line in row["matching_lines"]]
    assert [line["entry_id"] for line in found] == ["UN.9"]


def test_the_end_of_a_key_is_in_it_and_what_it_signed_after_is_not_good(told):
    key = told.mine.key_row
    revoke(told.service, ADMIN, key.kid, "the holder left the company")
    data = pack(told)[0]
    verdict = verified(told, data)
    assert [item for item in verdict.items if item.what == f"end of key {key.kid}"]


def test_a_disputed_key_fails_by_name(told):
    key = told.mine.key_row
    revoke(told.service, ADMIN, key.kid, "stolen, as the holder says", compromised_since=key.added_index + 1)
    verdict = verify_pack(pack(told)[0], policy=Policy.pin(told.service.log_key.vkey))
    assert verdict.verdict == "failed"
    assert "disputed" in verdict.reason
    assert verdict.reason.startswith("event urn:uuid:")


def test_what_was_changed_in_the_database_is_named(told):
    decision = told.decide("suspended", "shipment", "S-1")
    told.sql(Decision, Decision.id == decision.id, reason="Something nobody ever said about it.")
    verdict = verify_pack(pack(told)[0], policy=Policy.pin(told.service.log_key.vkey))
    assert verdict.verdict == "failed"
    assert verdict.reason.startswith("decision suspended on shipment S-1")


def test_a_log_that_tells_another_story_in_its_lines_is_named(told):
    told.decide("suspended", "shipment", "S-1")
    files = pack(told)[1]
    manifest = Manifest.from_json(files[MANIFEST])
    rest = {name: body for name, body in files.items() if not name.startswith("manifest.")}
    for name, old, new in [
        ("decisions.jsonl", b'"suspended"', b'"released"'), ("findings.jsonl", b"ORIGIN-MISMATCH", b"NOTHING-TO-SEE!"),
        ("events.jsonl", b'"quantity":1000', b'"quantity":9000'), ("documents.jsonl", b'"sha256":"', b'"sha256":"0'),
        ("lists.jsonl", b'"table_sha256":"', b'"table_sha256":"0'),
        ("lists.jsonl", b'"publisher":"P"', b'"publisher":"Q"'), ("facts/", b"tin ore", b"tin roe"),
    ]:  # fmt: skip
        lie = {n: body.replace(old, new) if n.startswith(name) else body for n, body in rest.items()}
        assert lie != rest
        verdict = verify_pack(
            write_pack(lie, manifest, told.service.log_key), policy=Policy.pin(told.service.log_key.vkey)
        )
        assert verdict.verdict == "failed"
        assert verdict.reason.startswith(name.rstrip("/"))


def test_a_document_whose_bytes_are_gone_is_there_by_its_hash(told, monkeypatch):
    def gone(digest):
        raise NotFound(f"the file sha256:{digest} is not in the store")

    monkeypatch.setattr(told.service.files, "get", gone)
    data, files, _ = pack(told)
    verified(told, data)
    assert not [name for name in files if name.startswith("documents/")]
    (line,) = json_lines(files["documents.jsonl"])
    assert (line["file"], "not in the store" in line["why_no_file"]) == (None, True)
    assert "its hash alone" in report(files)[0]


def test_a_supplier_reads_that_the_private_layer_is_not_for_it(told):
    data, files, _ = pack(told, told.mine.actor("supplier"))
    verified(told, data)
    said, attached = report(files)
    assert "shows the chain of custody alone" in said
    assert said.count("Not part of what the reader of this pack may see") == 9
    assert (attached["importers"], attached["lists"]) == ([], [])
    for secret in (b"ORIGIN-MISMATCH", b"UN.9", b"S-1"):
        assert secret not in b"".join(body for name, body in files.items() if name != "verify.py")


def test_an_importer_without_an_assessment_reads_that_nothing_is_concluded(quick, tell):
    quick.chain(LOT)
    said, _ = report(pack(quick)[1])
    assert "nothing is concluded about it" in said
    assert said.count("no importer has assessed this batch") == 9


def test_a_batch_nobody_concluded_about_is_pending_and_never_clear(quick, tell):
    quick.lists()
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    quick.capture(quick.importer, tell.blend(quick.importer, {LOT: 1000}, {MIX: 1000}))
    said, _ = report(pack(quick)[1])
    assert "Pending, so nothing is concluded" in said
    assert "events came after the last assessment" in said
    for promise in ("compliant", "conflict-free", "safe ", "approved"):
        assert promise not in said.lower()


def test_the_sections_stand_in_their_order(told):
    said, _ = report(pack(told)[1])
    titles = [
        "1 Policy", "2 Responsible persons", "3 Risk identification", "4 Grievance channel",
        "5 Risk assessment and its basis", "6 Mitigation", "7 Traceability", "8 Audits", "9 Disclosures",
        "10 Remedial plan", "11 How to verify this without us",
    ]  # fmt: skip
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


def test_names_of_others_stay_text_in_the_report(quick):
    quick.lists()
    quick.chain(LOT)
    quick.shipment(
        [LOT], trade_name='#evil[] *x* #panic("y")', supplier={"name": '江苏 #image("/etc/passwd")', "address": "x"}
    )
    quick.paper(b"cert", [("shipment", "S-1")])
    quick.work()
    _, attached = report(pack(quick)[1])
    assert attached["importers"][0]["subjects"][0]["facts"]["shipment"]["trade_name"] == '#evil[] *x* #panic("y")'


def test_an_auditor_gets_what_lies_in_its_period(told, make_user):
    user = make_user("auditor", party=None)
    article = ("Authority", "Art. 11", "audits of importers")
    reading = (date(2026, 11, 1), date(2026, 12, 31))
    grant(
        told.service,
        ADMIN,
        user.row.name,
        *article,
        reading,
        told.importer.did,
        (date(2026, 11, 1), date(2026, 11, 10)),
    )
    data, files, _ = pack(told, user.actor, purpose=PURPOSE)
    verified(told, data)
    assert Manifest.from_json(files[MANIFEST]).layer in ("chain", "private")
    assert not [name for name in files if name.startswith(("documents/", "shipments/"))]


def test_a_pack_enters_the_ledger_and_is_named_in_none(told):
    made = evidence_pack(told.service, told.officer(), LOT)
    last = Entry.parse(bytes(told.rows(LedgerEntry)[-1].body))
    assert (last.kind, last.body) == ("evidence-pack", made.sha256)
    later = read_pack(evidence_pack(told.service, told.officer(), LOT).data)
    assert not [body for body in later.values() if made.sha256.encode() in body]
    assert made.name == f"pack-L-1-{made.as_of[:10]}.zip"
    odd = dataclasses.replace(made, batch="https://x.example/lot/..%2F;rm -rf/")
    assert odd.name == f"pack-..-2F_rm_-rf-{made.as_of[:10]}.zip".replace("..-2F", ".._2F")


def test_ledger_entries_hold_nothing_that_somebody_typed(told):
    """Fault 34: hashes and codes only."""
    told.decide("suspended", "shipment", "S-1", reason="A reason that names Jane Doe of Kigali.")
    evidence_pack(told.service, told.officer("Jane Doe"), LOT)
    allowed = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 or HMAC, base64url
    for row in told.rows(LedgerEntry):
        said = orjson.loads(bytes(row.body))
        texts = {name: value for name, value in said.items() if isinstance(value, str)}
        assert texts.pop("kind") in KINDS
        assert texts.pop("alg", "EdDSA") in ("EdDSA", "ES256")
        assert all(allowed.fullmatch(value) for value in texts.values()), texts
    entries = b"".join(bytes(row.body) for row in told.rows(LedgerEntry))
    typed = ("Jane", "Kigali", "Importer", "did:", "http", "tin ore", "UN.9", "paper.pdf", "un-sc")
    assert not [word for word in typed if word.encode() in entries]


def test_of_a_judgement_confirmed_before_what_it_named_was_kept_there_is_the_hash(told):
    """Rows of schema 0016 and before do not say what was proposed; their packs say so, and still hold."""
    judged = told.judge("hit", told.hit("S-1"), "rejected")
    told.confirm(judged)
    old = [{"code": "C-OLD", "severity": "critical", "digest": "sha256:" + "0" * 64}]

    def age(tx):
        row = tx.session.get_one(Decision, judged.id)
        row.findings, row.proposed = old, None

    told.service.store.write(age)
    _, files, _ = pack(told)
    assert f"decisions/{judged.entry_index}.json" not in files
    (line,) = json_lines(files["decisions.jsonl"])
    assert line["findings"] == old


def test_the_page_of_plain_words_names_everything_in_the_pack(told):
    """What it does not name its reader cannot place; and what it says of size, batch and importer is so."""
    told.decide("suspended", "shipment", "S-1")
    revoke(told.service, told.mine.actor("supplier"), told.mine.key.kid, "the laptop was stolen")
    told.work()
    _, files, size = pack(told)
    page = files["README.txt"].decode()
    folders = {f"{name.partition('/')[0]}/" if "/" in name else name for name in files}
    assert folders >= {"captures/", "shipments/", "documents/", "assessments/", "decisions/", "keys/", "lists/"}
    assert {name for name in folders if name not in page} <= {"README.txt"}
    assert f"the batch {LOT}\nas of the log's head of {size} entries" in page
    assert told.importer.did in page
