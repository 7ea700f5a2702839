"""Keys in a pack: who approved their party, what ends them, and what came in place of a lost one."""

import pytest

from traceability.ledger.encoding import digest
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.revocation import revocation_record

MINE, OTHER = {"who": digest(b"mine")}, {"who": digest(b"other")}


def outcome(verdict, what):
    return next((item.verdict, item.why) for item in verdict.items if item.what == what)


def fresh_key(maker, who=MINE):
    """Bring another key of a party; return the index of its entry."""
    key = PrivateKey.generate(kid="did:web:mine.example#key-2")
    proof = b"possession of the new key"
    maker.files["keys/n.json"] = proof
    jws, index = sign_detached(proof, key, kid=key.kid), maker.log.tree.size
    members = {"alg": key.public.alg, "key": key.public.thumbprint, **who}
    return maker.entry("key-add", proof, "keys/n.json", "key n", jws, (key.public, index), **members)


def end_key(maker, *ref):
    """End the key that signed everything, as the log writes it for a lost one."""
    record = revocation_record(maker.key.kid, maker.key.public.thumbprint, None, "lost", b"0" * 16, 1)
    maker.files["keys/e.json"] = record
    signer = (maker.key.public, maker.added)
    return maker.entry("key-revoke", record, "keys/e.json", "end of k", None, signer, ref=ref, **maker.signer)


def test_a_party_is_approved_by_an_entry_that_names_its_first_key(make_pack):
    verdict = make_pack().check()
    assert outcome(verdict, "parties") == (
        "ok",
        "every party here (1) was approved, by entries that name its first key and each further one",
    )
    assert outcome(verdict, "approval of m")[0] == "not checked"
    assert verdict.not_checked[0] == "1 approval of a party or key by hash only"


@pytest.mark.parametrize("who", [MINE, OTHER], ids=["of the party", "of another"])
def test_a_decision_about_other_things_or_parties_is_no_approval(make_pack, who):
    def add(maker):
        ref = (maker.added,) if who is OTHER else (maker.event,)
        maker.entry("decision", b"another party", None, "approval of o", ref=ref, **who)

    verdict = make_pack(add=add).check()
    assert verdict.verdict == "failed"
    assert outcome(verdict, "decisions.jsonl")[1].startswith("decisions.jsonl: no line is about entry")


def test_an_approval_of_before_its_key_fails(make_pack):
    def add(maker):
        maker.entry("decision", b"too soon", None, "approval of n", ref=(maker.log.tree.size + 1,), **MINE)
        fresh_key(maker)

    assert "which is later" in outcome(make_pack(add=add).check(), "parties")[1]


def test_no_line_tells_an_approval_as_a_decision(make_pack):
    def add(maker):
        place = maker.entry("decision", b"again", None, "approval of m again", ref=(maker.added,), **MINE)
        maker.change("decisions.jsonl", lambda lines: [*lines, {**lines[0], "entry_index": place}])

    assert "no receipt proves an entry" in outcome(make_pack(add=add).check(), "decisions.jsonl")[1]


def test_a_further_key_needs_an_approval_of_its_own(make_pack):
    """Packs of before have none: then it is not checked who let the key in, and that is counted."""
    verdict = make_pack(add=fresh_key).check()
    assert outcome(verdict, "parties") == (
        "not checked",
        "of 1 keys that came in without another's word no entry in the pack is the approval",
    )
    assert "1 key whose approval is not here" in verdict.not_checked

    def add(maker):
        maker.entry("decision", b"the second key", None, "approval of n", ref=(fresh_key(maker),), **MINE)

    verdict = make_pack(add=add).check()
    assert outcome(verdict, "parties")[0] == "ok"
    assert verdict.not_checked[0] == "2 approvals of parties and keys by hash only"


def test_a_key_registered_anew_ends_the_lost_one_from_there_on(make_pack):
    verdict = make_pack(add=lambda maker: end_key(maker, maker.added, fresh_key(maker))).check()
    assert verdict.verdict == "ok", verdict.reason
    assert "(registered anew for lost ones: 1)" in outcome(verdict, "keys")[1]


def test_what_a_lost_key_signs_after_its_end_fails(make_pack):
    def add(maker):
        end_key(maker, maker.added, fresh_key(maker))
        maker.signed("shipment", b'{"shipment_id":"S-9"}', "shipments/9.json", "shipment 9")

    verdict = make_pack(add=add).check()
    assert outcome(verdict, "shipment 9")[0] == "failed"
    assert "it was revoked, by the entries about it in this pack" in outcome(verdict, "shipment 9")[1]


@pytest.mark.parametrize(
    ("refs", "said"),
    [
        (lambda m: (m.added, m.event), "brings none"), (lambda m: (m.added, m.log.tree.size + 9), "brings none"),
        (lambda m: (m.added, m.added), "brings another one"), (lambda m: (fresh_key(m),), "brings another one"),
        (lambda m: (m.added, fresh_key(m, OTHER)), "brings another one"),
    ],
    ids=["an event", "nothing", "itself", "only the new one", "another party's"],
)  # fmt: skip
def test_an_end_that_refers_to_something_else_fails(make_pack, refs, said):
    verdict = make_pack(add=lambda maker: end_key(maker, *refs(maker))).check()
    assert verdict.verdict == "failed"
    assert said in outcome(verdict, "keys")[1]
