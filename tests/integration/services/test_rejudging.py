"""Changed rules put to kept facts: what is recorded is, byte for byte, what assembling the facts again would give."""

from dataclasses import replace

import pytest

from traceability.diligence import versions
from traceability.ledger.entry import Entry
from traceability.services import assess, rejudging, runs, touched
from traceability.services.facts.program import program_version
from traceability.services.fsck import fsck
from traceability.storage.jobs import all_jobs
from traceability.storage.tables import LedgerEntry

LOT, TWICE, OTHER, BLEND, WRONG = (f"https://mine.example/lot/L-{number}" for number in range(1, 6))
_GONE = {"code": "COC-GAP", "severity": "major", "advisory": False, "evidence": [""]}
_APART = {"id", "entry_index", "criticals"}  # where a run stands among others


@pytest.fixture
def told(tell):
    """``told(world)``: a plain chain, a critical one, a blend of both, one of a stranger, and one with a correction."""

    def tale(world):
        world.lists()
        world.chain(LOT)
        first, second = (tell.extraction(world.mine, TWICE, kg, "2026-11-02") for kg in (1000, 900))
        hand = [tell.hand("shipping", world.mine, world.importer, lot) for lot in (TWICE, WRONG)]
        wrong = tell.extraction(world.mine, WRONG)
        world.capture(world.mine, first, second, wrong, *hand)
        world.capture(world.mine, tell.declared_wrong(wrong))
        world.capture(world.importer, tell.blend(world.importer, {LOT: 400, TWICE: 400}, {BLEND: 790}))
        world.capture(world.importer, tell.extraction(world.importer, OTHER))
        world.work()
        return world

    return tale


def rejudge(service, wanted):
    """Record what is said of the newest runs of some subjects, whether or not it is said otherwise than before."""
    with service.store.read() as session:
        kept = {assess.latest(session, *who).id: who for who in wanted}
    found = rejudging.rejudge(service, kept)
    assert found.done | found.left == set(wanted)
    assert found.done.isdisjoint(found.left)
    return found.done


def newest(world, who):
    with world.service.store.read() as session:
        return assess.latest(session, *who)


def subjects(world):
    with world.service.store.read() as session:
        return {(one.owner_id, one.kind, one.subject) for one in assess.subjects(session)}


def recorded(world, who):
    """Return all that a run is, and the entry it was recorded under."""
    row = newest(world, who)
    with world.service.store.read() as session:
        entry = Entry.parse(session.get_one(LedgerEntry, row.entry_index).body)
    now = {code: number == row.id for code, number in row.criticals.items()}
    return {name: value for name, value in row.model_dump().items() if name not in _APART}, entry, now


def test_a_run_from_kept_facts_is_the_run_that_assembling_gives(world, told):
    every = subjects(told(world))
    assert {who[2] for who in every} == {LOT, TWICE, OTHER, BLEND, WRONG}
    before = world.runs()
    done = rejudge(world.service, every)
    assert {who[2] for who in done} == {LOT, TWICE, OTHER, BLEND}, "what a correction counts for is weighed anew"
    assert world.runs() == before + len(done)
    kept = {who: recorded(world, who) for who in done}
    assert any(now for _, _, now in kept.values()), "one of them is critical"
    for owner, kind, subject in sorted(done):
        assess.assess_subject(world.service, owner, kind, subject)
    for who, said in kept.items():
        assert recorded(world, who) == said, who
    assert {who[2] for who in rejudge(world.service, every)} == {LOT, TWICE, OTHER, BLEND}
    assert fsck(world.service, deep=True).verdict == "ok"


def test_what_the_rules_say_otherwise_of_a_batch_is_recorded_at_once_if_this_program_assembled_its_facts(quick, told):
    """Of a run from before its program was kept nobody knows which one that was."""
    told(quick)
    programs = {LOT: program_version(), WRONG: program_version(), OTHER: "sha256:older", BLEND: None}

    def judged_by_others(tx):
        for who, program in programs.items():
            row = assess.latest(tx.session, quick.importer.id, "batch", who)
            kept = {name: value for name, value in row.result.items() if name != "assembled_by"}
            kept |= {"assembled_by": program} if program else {}
            row.result = kept | {"rule_pack_version": "sha256:older", "findings": [*kept["findings"], _GONE]}

    found = {lot: quick.state("batch", lot).codes for lot in programs}
    quick.service.store.write(judged_by_others)
    runs = quick.runs()
    assert touched.sweep(quick.service) == len(programs)
    assert quick.runs() == runs + 1
    assert quick.state("batch", LOT).codes == found[LOT]
    with quick.service.store.read() as session:
        assert {job.args["subject"] for job in all_jobs(session)} == {WRONG, OTHER, BLEND}
    quick.work()
    assert {lot: quick.state("batch", lot).codes for lot in programs} == found
    assert newest(quick, (quick.importer.id, "batch", BLEND)).result["assembled_by"] == program_version()
    assert touched.sweep(quick.service) == 0


def test_facts_are_put_to_changed_rules_once(quick, told, monkeypatch):
    """Those that say the same leave no run; all of them are asked, and nobody twice."""
    told(quick)
    asked, rules = [], rejudging.run_rules

    def counted(facts):
        asked.append(facts)
        return rules(facts)

    monkeypatch.setattr(rejudging, "run_rules", counted)
    monkeypatch.setattr(versions, "rule_pack_version", lambda: "sha256:of today")
    before = quick.runs()
    assert touched.sweep(quick.service) == 0
    assert (len(asked), quick.runs()) == (5, before)
    monkeypatch.setattr(rejudging, "run_rules", lambda facts: replace(counted(facts), findings=()))
    differ = {who for who in subjects(quick) if newest(quick, who).result["findings"]}
    assert touched.sweep(quick.service) == len(differ) > 1
    assert len(asked) == 10
    assert quick.runs() == before + len({who for who in differ if who[2] != WRONG})


def test_a_group_is_written_whole_or_not_at_all(quick, told, monkeypatch):
    told(quick)
    every = {who for who in subjects(quick) if who[2] != WRONG}
    before, append, groups = quick.runs(), runs.append, []

    def fails(service, tx, group):
        groups.append(len(append(service, tx, group)))
        if len(groups) == 2:
            raise RuntimeError("after its runs and entries were added")

    monkeypatch.setattr(rejudging, "_GROUP", 2)
    monkeypatch.setattr(runs, "append", fails)
    with pytest.raises(RuntimeError):
        rejudge(quick.service, every)
    assert (groups, quick.runs()) == ([2, 2], before + 2)
    monkeypatch.setattr(runs, "append", append)
    assert rejudge(quick.service, every) == every
    assert quick.runs() == before + 6
    assert fsck(quick.service, deep=True).verdict == "ok"


def test_whatever_may_be_in_the_facts_has_them_assembled_again(quick, told, tell):
    """And what cannot be, such as the decision of another importer, has not."""
    told(quick)
    world, who = quick, (quick.importer.id, "batch", LOT)
    other = world.party("Other", ["importer"], "NL")
    world.work()

    def stands():
        return rejudge(world.service, {who}) == {who}

    def assembled():
        world.work()
        assess.assess_subject(world.service, *who)
        assert stands()

    assembled()
    changes = {
        "an event of it": lambda: world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, LOT, 9)),
        "a list": lambda: world.load("un-sc", {"entry_key": "UN.2", "kind": "party", "primary": "Another"}),
        "a site": lambda: world.site(world.mine, "shaft", "RW"),
        "a paper": lambda: world.paper(b"a paper", [("batch", LOT)]),
        "a decision": lambda: world.decide("suspended", "batch", LOT),
        "another day": lambda: world.service.clock.advance(days=1),
    }  # fmt: skip
    for what, change in changes.items():
        change()
        assert not stands(), what
        assembled()
    world.capture(other, tell.extraction(other, "https://mine.example/lot/FAR"))
    assert stands(), "an event of another batch"
    world.service.store.write(lambda tx: assess.ask(tx, *who))
    assert not stands(), "it is asked for already"
