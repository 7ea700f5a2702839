"""A small party lost its only key and is registered anew, over HTTP on both databases (ledger.md 6)."""

from types import SimpleNamespace

import pytest
from sqlmodel import select

from traceability.ledger.pack import read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify_pack import verify_pack
from traceability.storage.tables import KeyApplication, KeyRevocation

REASON = "The phone with our only key fell into the shaft."
CHECKED = {"method": "video call", "reason": "Called the mine's known number; its manager read the thumbprint."}
AGREED = {"method": "telephone", "reason": "Called the mine's owner, who read the same thumbprint."}


@pytest.fixture
def mine(make_firm):
    return make_firm("Mine", "mine", "RW")


@pytest.fixture
def lose(client, keys_http):
    """``lose(did, key)`` applies without any account and returns the answer."""

    def run(did, key, headers=None, **changes):
        body = {"did": did, "reason": REASON, "proof": keys_http.proof(client, did, key)} | changes
        return client.post("/v1/keys/lost", json=body, headers=headers or {})

    return run


@pytest.fixture
def approve(client, admin, make_person):
    """``approve()`` has two admins agree, one after the other, and returns the last answer; ``which`` names a key."""
    second = make_person("admin")

    def run(which=0):
        rows = waiting(client, admin)
        row = rows[which] if isinstance(which, int) else next(one for one in rows if one["thumbprint"] == which)
        path = f"/v1/keys/lost/{row['id']}/approve"
        first = client.post(path, json=CHECKED, headers=admin)
        if first.status_code != 202:
            return first
        assert (first.json["state"], first.json["receipt"]) == ("waiting", None)
        return client.post(path, json=AGREED, headers=second)

    return run


def waiting(client, headers):
    return client.get("/v1/keys/lost?state=waiting", headers=headers).json["applications"]


def decide(client, headers, verb, **body):
    row = waiting(client, headers)[0]
    return client.post(f"/v1/keys/lost/{row['id']}/{verb}", json=body or CHECKED, headers=headers)


def test_the_whole_way_back(service, client, *, mine, approve, lose, story, keys_http, work):
    owner = [{"type": f"{kind}_party", "destination": mine.did} for kind in ("owning", "possessing")]
    before = mine.send("/epcis/capture", story.document(story.born("A", destinationList=owner)))
    assert before.status_code == 202
    fresh = keys_http.new_key(mine.did)
    made = lose(mine.did, fresh)
    assert (made.status_code, made.json["state"], made.json["kid"]) == (202, "waiting", fresh.kid)
    assert mine.states() == {mine.key.kid: "active"}, "an application ends nothing"
    assert [row["kid"] for row in mine.ask("/v1/keys/lost").json["applications"]] == [fresh.kid]
    done = approve()
    assert (done.status_code, done.json["kid"], done.json["state"]) == (200, fresh.kid, "active")
    assert keys_http.verified(service, done.json["receipt"]).verdict == "ok"
    assert mine.states() == {mine.key.kid: "revoked", fresh.kid: "active"}
    old = next(row for row in mine.ask("/v1/keys").json["keys"] if row["kid"] == mine.key.kid)
    assert old["compromised_since"] is None
    assert old["revoked_index"] == done.json["added_index"] + 2
    assert mine.send("/epcis/capture", story.document(story.born("B"))).status_code == 403
    assert mine.send("/epcis/capture", story.document(story.born("C")), key=fresh).status_code == 202
    receipt = mine.ask(before.json["receipts"]).json[0]["receipt"]
    assert keys_http.verified(service, receipt).verdict == "ok", "what the old key signed stays good"
    work()
    shown = mine.about(story.lot("A"), "chain").json
    assert [event["signature_status"] for event in shown["events"]] == ["valid"]
    with service.store.read() as session:
        row = session.exec(select(KeyApplication)).one()
        end = session.exec(select(KeyRevocation)).one()
    assert (row.state, row.method) == ("approved", CHECKED["method"])
    assert all(one["reason"] in row.decided_reason for one in (CHECKED, AGREED))
    assert REASON in end.reason
    assert CHECKED["reason"] in end.reason, "the entry commits to why, and to how it was checked"
    assert CHECKED["reason"].encode() not in end.body


def test_a_pack_tells_who_was_approved_and_which_key_came_for_the_lost_one(
    service, client, *, mine, approve, lose, make_firm, story, keys_http, work
):
    importer = make_firm("Importer", "importer", "NL")
    assert mine.send("/epcis/capture", story.document(story.born("A"))).status_code == 202
    lose(mine.did, fresh := keys_http.new_key(mine.did))
    ended = approve().json["added_index"] + 2
    assert mine.send("/epcis/capture", story.document(story.handed(importer.did, "A")), key=fresh).status_code == 202
    work()
    data = mine.about(story.lot("A"), "evidence").data
    verdict = verify_pack(data, policy=Policy.pin(service.log_key.vkey))
    assert verdict.verdict == "ok", verdict.reason
    said = {item.what: (item.verdict, item.why) for item in verdict.items}
    assert said["keys"][1].startswith("2 keys came in by records that are here (registered anew for lost ones: 1)")
    assert said["parties"][0] == "ok"
    assert said[f"approval of {mine.did}"][0] == "not checked"
    assert said[f"approval of {fresh.kid}"][0] == "not checked"
    assert "2 approvals of parties and keys by hash only" in verdict.not_checked
    assert f"keys/{ended}.json" in read_pack(data)


def test_its_incidents_are_seen_as_before(
    client, *, mine, approve, lose, make_firm, make_person, story, keys_http, work
):
    importer = make_firm("Importer", "importer", "NL")
    goods = story.document(story.born("A"), story.handed(importer.did, "A"))
    assert mine.send("/epcis/capture", goods).status_code == 202
    work()
    assert (
        mine.send("/epcis/capture", story.document(story.born("B")), key=keys_http.new_key(mine.did)).status_code == 403
    )
    officer = make_person("officer", SimpleNamespace(id=importer.id))
    before = client.get("/v1/incidents", headers=officer).json
    assert len(before) == 1
    fresh = keys_http.new_key(mine.did)
    lose(mine.did, fresh)
    assert approve().status_code == 200
    assert client.get("/v1/incidents", headers=officer).json == before
    assert mine.send("/epcis/capture", story.document(story.born("C"))).status_code == 403, "with the key that was lost"
    assert len(client.get("/v1/incidents", headers=officer).json) == 2


def test_who_applied_does_not_decide(client, mine, admin, make_person, lose, keys_http):
    assert lose(mine.did, keys_http.new_key(mine.did), admin).status_code == 202
    refused = decide(client, admin, "approve")
    assert (refused.status_code, "another admin" in refused.json["detail"]) == (403, True)
    assert decide(client, admin, "refuse", reason="I would rather not have it decided").status_code == 403
    assert decide(client, make_person("admin"), "approve").status_code == 200


def test_a_refusal_leaves_everything_as_it_was(service, client, *, mine, admin, lose, keys_http, counts, story):
    before = counts()
    assert lose(mine.did, keys_http.new_key(mine.did)).status_code == 202
    done = decide(client, admin, "refuse", reason="Nobody at the known number knows of it.")
    assert (done.status_code, done.json["state"]) == (200, "refused")
    assert counts() == before | {"key_application": 1}
    assert mine.states() == {mine.key.kid: "active"}
    assert mine.send("/epcis/capture", story.document(story.born("A"))).status_code == 202
    assert waiting(client, admin) == []


def test_no_admin_alone_decides_what_came_without_an_account(client, mine, admin, make_person, lose, keys_http):
    """It may have sent it itself, and so take over the party."""
    fresh = keys_http.new_key(mine.did)
    lose(mine.did, fresh)
    assert decide(client, admin, "approve").status_code == 202
    again = decide(client, admin, "approve")
    assert (again.status_code, "another admin" in again.json["detail"]) == (403, True)
    assert mine.states() == {mine.key.kid: "active"}
    row = waiting(client, admin)[0]
    assert (row["checked_by"] is not None, row["method"], row["decided_reason"]) == (True, *CHECKED.values())
    lose(mine.did, fresh)
    assert waiting(client, admin)[0]["checked_by"] is None, "other words are another application"
    decide(client, admin, "approve")
    assert decide(client, make_person("admin"), "approve", **AGREED).status_code == 200
    assert mine.states() == {mine.key.kid: "revoked", fresh.kid: "active"}


def test_an_attacker_learns_nothing_and_locks_nobody_out(client, mine, admin, approve, *, lose, keys_http):
    """It takes the name of the key that the mine will want, and asks for parties that there are not."""
    wanted = f"{mine.did}#key-2"
    attacker = keys_http.new_key(mine.did, name="key-2")
    there = lose(mine.did, attacker)
    nobody = lose("did:web:nobody.example", keys_http.new_key("did:web:nobody.example", name="key-2"))
    taken = lose(mine.did, keys_http.new_key(mine.did, name=mine.key.kid.partition("#")[2]))
    assert [answer.status_code for answer in (there, nobody, taken)] == [202] * 3
    assert {tuple(sorted(answer.json)) for answer in (there, nobody, taken)} == {("did", "kid", "receipt", "state")}
    rightful = keys_http.new_key(mine.did, name="key-2")
    assert lose(mine.did, rightful).status_code == 202
    assert {row["kid"] for row in waiting(client, admin)} == {wanted, mine.key.kid}
    done = approve(rightful.public.thumbprint)
    assert (done.status_code, done.json["kid"]) == (200, wanted)
    late = approve(attacker.public.thumbprint)
    assert late.status_code == 409
    assert mine.states()[wanted] == "active", "what cannot be carried out changes nothing"


def test_others_do_not_see_it(client, mine, make_firm, lose, keys_http):
    other = make_firm("Other", "trader", "BE")
    assert lose(mine.did, keys_http.new_key(mine.did), other.headers).status_code == 202
    assert other.ask("/v1/keys/lost").json["applications"] == []
    row = mine.ask("/v1/keys/lost").json["applications"][0]
    assert "applicant" not in row, "another party's people are not named"
    assert other.post(f"/v1/keys/lost/{row['id']}/approve", CHECKED).status_code == 403


def test_a_party_with_further_keys_did_not_lose_its_only_one(client, mine, admin, lose, keys_http):
    second = keys_http.new_key(mine.did)
    mine.post("/v1/keys", {"proof": keys_http.proof(client, mine.did, second)})
    client.post("/v1/keys/approve", json={"kid": second.kid}, headers=admin)
    lose(mine.did, keys_http.new_key(mine.did))
    done = decide(client, admin, "approve")
    assert (done.status_code, "2 active keys" in done.json["detail"]) == (409, True)
    assert set(mine.states().values()) == {"active"}


def test_a_party_whose_last_key_was_stolen_comes_back_too(mine, approve, lose, keys_http):
    gone = {"kid": mine.key.kid, "reason": "It was stolen with the safe.", "compromised_since": 0}
    assert mine.post("/v1/keys/revoke", gone).status_code == 200
    fresh = keys_http.new_key(mine.did)
    lose(mine.did, fresh)
    assert approve().status_code == 200
    assert mine.states() == {mine.key.kid: "revoked", fresh.kid: "active"}


@pytest.mark.parametrize(
    ("verb", "body", "said"),
    [
        ("approve", {"method": "a feeling", "reason": "r" * 30}, 422),
        ("approve", {"method": "telephone", "reason": "ok"}, 400),
        ("approve", {"reason": "r" * 30}, 422),
        ("refuse", {"reason": "no"}, 400),
    ],
)
def test_a_decision_without_its_grounds_is_refused(client, mine, *, admin, lose, keys_http, verb, body, said):
    lose(mine.did, keys_http.new_key(mine.did))
    assert decide(client, admin, verb, **body).status_code == said
    assert len(waiting(client, admin)) == 1


def test_what_is_wrong_with_an_application_is_told(client, mine, lose, keys_http, counts):
    before = counts()
    key, other = (keys_http.new_key(mine.did) for _ in range(2))
    assert lose(mine.did, key, reason="lost").status_code == 400
    forged = keys_http.proof(client, mine.did, key) | {"jws": keys_http.proof(client, mine.did, other)["jws"]}
    assert lose(mine.did, key, proof=forged).status_code == 403
    assert lose("did:web:mine.example%2e", key).status_code in (400, 403)
    assert counts() == before


def test_the_same_key_asks_again_with_other_words(client, mine, admin, lose, keys_http):
    key = keys_http.new_key(mine.did)
    lose(mine.did, key)
    lose(mine.did, key, reason="The phone is in the shaft, and we cannot reach it.")
    assert [row["reason"] for row in waiting(client, admin)] == ["The phone is in the shaft, and we cannot reach it."]
