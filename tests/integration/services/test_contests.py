"""A contest opens a hit again and clears nothing; its answer says what officers have decided since, and no sooner."""

import dataclasses
import io
import json

import pytest
from pypdf import PdfReader

from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.ledger.pack import read_pack
from traceability.services import assess, contest_links, contests, judging
from traceability.services.documents import Brought
from traceability.services.evidence.pack import evidence_pack
from traceability.services.fsck import fsck
from traceability.storage.tables import AssessmentRow, ContestLink, Document, DocumentLink

LOT = "https://mine.example/lot/L-1"
TOLD = "Your firm bears the name of an entry of a public list; we hold your goods until it is clear who is who."
WRONG = "We are not that firm: our register number is another one, see the extract of the register."
WHY = "The extract of the register shows another number and another address than the list."
PAPER = Brought(b"Extract of the register", "register.txt", "text/plain")


@pytest.fixture
def matched(quick, tell):
    """A chain whose mine bears the name of a listed party, as an officer has confirmed."""
    quick.lists(tell.listed("UN.9", "Mine", country="UG", programmes="A"))
    quick.chain(LOT)
    quick.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": quick.mine.did})
    quick.work()
    quick.judge("hit", quick.hit("S-1"), "confirmed")
    quick.work()
    return quick


def told(world, **fields):
    said = {"addressee": world.mine.did, "hit": world.hit("S-1"), "about": [{"kind": "shipment", "id": "S-1"}]}
    return contests.tell(world.service, world.officer(), said | {"told": TOLD} | fields)


def objected(world, row, text=WRONG):
    said = {"based_on": row.version, "text": text, "documents": []}
    made = contests.object_to(world.service, world.mine.actor("supplier"), row.case_id, said)
    world.work()
    return made


def answered(world, row, outcome, by="anna"):
    said = {"based_on": row.version, "outcome": outcome, "text": WHY}
    made = contests.answer(world.service, world.officer(by), row.case_id, said)
    world.work()
    return made


def noted(world):
    return sorted(note["kind"] for note in world.state("shipment", "S-1").notes if note["kind"] in NOTED)


NOTED = ("confirm_again", "contested")


def hit_of(world):
    (hit,) = world.facts("shipment", "S-1")["entity_hits"]
    return hit.get("disposition")


def test_a_contest_opens_the_hit_again_clears_nothing_and_is_answered_once_it_was_judged_anew(matched):
    world = matched
    before = world.state("shipment", "S-1")
    row = told(world)
    assert noted(world) == []
    row = objected(world, row)
    assert row.record["due_on"] == "2026-12-21", "28 days, as the setting has it"
    now = world.state("shipment", "S-1")
    assert (hit_of(world), noted(world)) == ("confirmed", ["confirm_again", "contested"])
    assert now.state == before.state, "it goes on counting"
    hit = world.hit("S-1")
    assert "contests it since 2026-11-23" in judging.look(world.service, world.officer(), "hit", hit).again
    for outcome in ("stands", "corrected", "looked_into"):
        with pytest.raises(Conflict):
            answered(world, row, outcome)
    key = dataclasses.replace(world.officer(), made_by="anna")
    with pytest.raises(Forbidden, match="never automated"):
        contests.answer(world.service, key, row.case_id, {"based_on": row.version, "outcome": "stands", "text": WHY})
    verdict = world.judge("hit", hit, "rejected")
    with pytest.raises(Conflict, match="judge the hit first"):
        answered(world, row, "corrected")
    world.confirm(verdict)
    world.work()
    with pytest.raises(Conflict, match="somebody else"):
        answered(world, row, "stands")
    row = answered(world, row, "corrected")
    assert (row.record["status"], row.record["thread"][-1]["office"]) == ("answered", "Importer")
    assert (hit_of(world), noted(world)) == ("rejected", [])
    pack = read_pack(evidence_pack(world.service, world.officer(), LOT).data)
    report = PdfReader(io.BytesIO(pack["report.pdf"]))
    (had,) = json.loads(report.attachments["evidence.json"][0])["importers"]
    assert [step["act"] for one in had["contests"] for step in one["record"]["thread"]] == [
        "told", "contested", "answered"
    ]  # fmt: skip
    assert "What parties contest" in "".join(page.extract_text() for page in report.pages)
    assert objected(world, row, "And now we want an excuse for it.").record["status"] == "contested"
    assert fsck(world.service, deep=True).verdict == "ok"


def test_a_party_that_was_told_nothing_contests_too_and_opens_every_hit_of_itself(matched):
    world = matched
    said = {"importer": world.importer.did, "text": WRONG, "documents": []}
    row = contests.contest(world.service, world.mine.actor("supplier"), said)
    world.work()
    assert noted(world) == ["confirm_again", "contested"]
    assert {"hit", "finding"}.isdisjoint(row.record)
    with pytest.raises(Conflict, match=row.case_id):
        contests.contest(world.service, world.mine.actor("supplier"), said)
    with pytest.raises(Conflict, match="judge the hits"):
        answered(world, row, "looked_into")
    world.judge("hit", world.hit("S-1"), "confirmed")
    with pytest.raises(Conflict, match="confirmed"):
        answered(world, row, "corrected")
    assert answered(world, row, "looked_into").record["status"] == "answered"
    assert noted(world) == []
    assert contests.contest(world.service, world.mine.actor("supplier"), said).case_id != row.case_id
    stranger = world.party("Stranger", ["importer"], "DE")
    with pytest.raises(InvalidInput, match="no such importer"):
        contests.contest(world.service, stranger.actor("importer"), said)


def test_a_finding_is_contested_and_the_answer_keeps_to_whether_it_is_raised(matched):
    world = matched
    code = next(item.code for item in world.state("shipment", "S-1").findings)
    finding = {"addressee": world.mine.did, "finding": code, "about": [{"kind": "shipment", "id": "S-1"}], "told": TOLD}
    with pytest.raises(InvalidInput, match="shows this finding"):
        contests.tell(world.service, world.officer(), finding | {"finding": "CMR-01-PURITY-NEEDED"})
    row = objected(world, contests.tell(world.service, world.officer(), finding))
    with pytest.raises(Conflict, match="still raised"):
        answered(world, row, "corrected")
    assert answered(world, row, "stands").record["thread"][-1]["outcome"] == "stands"


def test_a_hit_that_is_shown_no_longer_was_corrected_only_where_newer_runs_of_whole_lists_say_so(matched, tell):
    world, row = matched, objected(matched, told(matched))
    rest = tell.listed("UN.1", "Nobody Of That Name Inc")
    world.load("un-sc", rest, published="2026-11-21", coverage="partial")
    with pytest.raises(Conflict, match="judge the hit first"):
        answered(world, row, "corrected")
    world.work()
    assert world.facts("shipment", "S-1")["entity_hits"] == []
    for outcome in ("corrected", "stands", "looked_into"):
        with pytest.raises(Conflict, match=r"UN Security Council list.*load the lists"):
            answered(world, row, outcome)
    world.load("un-sc", rest, published="2026-11-22")
    world.work()
    with pytest.raises(Conflict, match="answer that it was corrected"):
        answered(world, row, "stands")
    assert answered(world, row, "corrected").record["status"] == "answered"


def test_of_what_was_erased_nobody_says_that_it_was_corrected(matched):
    world, row = matched, objected(matched, told(matched))
    world.sql(AssessmentRow, AssessmentRow.owner_id == world.importer.id, facts={}, erased_index=1)
    with pytest.raises(Conflict, match="kept no longer"):
        answered(world, row, "corrected")
    assert answered(world, row, "looked_into").record["status"] == "answered"


def test_a_party_with_a_hit_that_nobody_has_judged_gets_no_answer(quick, tell):
    world = quick
    world.lists(tell.listed("UN.9", "Mine", country="UG", programmes="A"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": world.mine.did})
    world.work()
    said = {"importer": world.importer.did, "text": WRONG, "documents": []}
    row = contests.contest(world.service, world.mine.actor("supplier"), said)
    with pytest.raises(Conflict, match="judge the hits"):
        answered(world, row, "corrected")
    world.judge("hit", world.hit("S-1"), "rejected")
    with pytest.raises(Conflict, match=r"not assessed since|under way"):
        answered(world, row, "corrected")
    world.work()
    assert answered(world, row, "corrected").record["status"] == "answered"


def test_a_finding_that_is_gone_was_corrected_only_where_runs_after_the_contest_say_so(matched):
    world = matched
    other = world.party("Other", ["trader"], "DE")
    world.shipment([], shipment_id="S-2", supplier={"name": "Other", "address": "Kigali", "party_id": other.did})
    world.work()
    raised = [{item.code for item in world.state("shipment", one).findings} for one in ("S-1", "S-2")]
    code = min(set.intersection(*raised))
    about = [{"kind": "party", "id": world.mine.did}]
    finding = {"addressee": world.mine.did, "finding": code, "about": about, "told": TOLD}
    row = contests.tell(world.service, world.officer(), finding)
    said = {"based_on": row.version, "text": WRONG, "documents": []}
    run = assess.assess_subject(world.service, world.importer.id, "shipment", "S-1")
    world.sql(AssessmentRow, AssessmentRow.id == run, result={"findings": []})
    row = contests.object_to(world.service, world.mine.actor("supplier"), row.case_id, said)
    with pytest.raises(Conflict, match="S-1 was not assessed since"):
        answered(world, row, "corrected")
    with pytest.raises(InvalidInput, match="shows this finding"):
        contests.tell(world.service, world.officer(), finding)
    world.work()
    with pytest.raises(Conflict, match=r"still raised on S-1:"):
        answered(world, row, "corrected")
    run = world.state("shipment", "S-1").assessment
    world.sql(AssessmentRow, AssessmentRow.id == run.id, erased_index=1)
    with pytest.raises(InvalidInput, match="shows this finding"):
        contests.tell(world.service, world.officer(), finding)
    with pytest.raises(Conflict, match="kept no longer"):
        answered(world, row, "corrected")


def test_what_cannot_be_told_is_refused(matched):
    world, stranger = matched, matched.party("Stranger", ["trader"], "DE")
    for fields, said in (
        ({"addressee": stranger.did}, "addressee"), ({"addressee": world.importer.did}, "addressee"),
        ({"hit": "un-sc|UN.1|nobody"}, "hit"), ({"hit": "x"}, "hit"), ({"finding": "A2-5"}, "finding"),
        ({"about": [{"kind": "shipment", "id": "S-9"}]}, "about"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=said):
            told(world, **fields)
    row = told(world)
    with pytest.raises(NotFound):
        contests.one(world.service, stranger.actor("supplier"), row.case_id)
    with pytest.raises(Forbidden):
        contests.tell(world.service, world.mine.actor("supplier"), {})
    contests.withdraw(world.service, world.officer(), row.case_id, 1, "It was told to the wrong party.")
    with pytest.raises(Conflict, match="withdrawn"):
        contests.object_to(
            world.service, world.mine.actor("supplier"), row.case_id, {"based_on": 2, "text": "x", "documents": []}
        )
    with pytest.raises(Conflict, match="taken back"):
        contest_links.make(world.service, world.officer(), row.case_id)


def test_a_link_contests_once_with_papers_and_then_reads_the_answer_until_it_expires(matched, clock, tell):
    world, service = matched, matched.service
    world.papers.reports[PAPER.data] = tell.report(PAPER.data)
    said = {"name": "Mine of Kigali", "hit": world.hit("S-1"), "about": [{"kind": "shipment", "id": "S-1"}]}
    row = contests.tell(service, world.officer(), said | {"told": TOLD})
    first, made = (contest_links.make(service, world.officer(), row.case_id) for _ in range(2))
    with pytest.raises(NotFound, match="opens nothing"):
        contest_links.open_link(service, first.secret, "a")
    (kept,) = [one for one in world.rows(ContestLink) if one.ended_at is None]
    assert made.secret not in str(kept.model_dump())
    assert contest_links.open_link(service, made.secret, "a").may_contest
    for text, papers in (("short", []), (WRONG, [PAPER] * 6), (WRONG, [PAPER, Brought(b"", "x", "y")])):
        with pytest.raises(InvalidInput):
            contest_links.contest(service, made.secret, "a", text, papers)
    assert service.files.digests() == [], "nothing half kept"
    row = contest_links.contest(service, made.secret, "a", WRONG, [PAPER])
    world.work()
    assert (row.record["thread"][-1]["by"], row.written_by) == (contest_links.BY_LINK.name,) * 2
    (paper,) = world.rows(Document)
    assert (paper.owner_id, paper.state, world.rows(DocumentLink)) == (world.importer.id, "read", [])
    with pytest.raises(Conflict, match="has been used"):
        contest_links.contest(service, made.secret, "a", WRONG, [Brought(b"Another", "b.txt", "text/plain")])
    assert service.files.digests() == [paper.sha256], "what is not taken is not kept"
    world.judge("hit", world.hit("S-1"), "confirmed")
    clock.advance(days=40)
    answered(world, row, "stands")
    assert [one.target for one in world.rows(DocumentLink)] == ["S-1"], "answered, the paper counts"
    opened = contest_links.open_link(service, made.secret, "a")
    assert (opened.row.record["status"], opened.may_contest) == ("answered", False)
    clock.advance(days=20)
    with pytest.raises(NotFound):
        contest_links.open_link(service, made.secret, "a")
    assert fsck(service, deep=True).verdict == "ok"
