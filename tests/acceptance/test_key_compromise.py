"""Fault 16 of ledger.md: a party's key was stolen. What it signed since is disputed, all that rests on it is judged anew.

Over HTTP on both databases, with real signatures; what officer, regulator and verifier see.
"""

import io
import json

import pytest
from pypdf import PdfReader
from sqlmodel import select

from traceability.diligence.status import HOLD, PENDING
from traceability.ledger.credential import make_credential
from traceability.ledger.jose import sign_compact
from traceability.ledger.pack import read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify_pack import verify_pack
from traceability.services.fsck import fsck
from traceability.storage.tables import Event, Holding, KeyRevocation, LedgerEntry

LOT, LATER, MIX = (f"https://mine.example/lot/{name}" for name in ("1", "2", "mix"))
REASON = "The laptop with this key was stolen."
RECORD = {
    "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
    "trade_name": "tin ore", "material_type": "cassiterite", "net_weight_kg": "1000",
    "origins": [{"country": "RW"}], "batch_ids": [MIX],
}  # fmt: skip


@pytest.fixture(autouse=True)
def audited(request):
    """Whatever a test has told, an audit derives it again and finds the same."""
    service = request.getfixturevalue("service" if "service" in request.fixturenames else "sqlite_service")
    yield
    assert [problem.as_dict() for problem in fsck(service, deep=True).problems] == []


@pytest.fixture
def mine(make_firm):
    firm = make_firm("Mine", "mine", "RW")
    sites = [{"uri": "https://mine.example/pit", "country": "RW"}]
    assert firm.send("/v1/sites", {"sites": sites}).status_code == 201
    return firm


@pytest.fixture
def importer(make_firm):
    firm = make_firm("Importer", "importer", "NL")
    assert (
        firm.send("/v1/sites", {"sites": [{"uri": "https://importer.example/yard", "country": "NL"}]}).status_code
        == 201
    )
    return firm


def ends(side, party):
    return [{"type": f"{kind}_party", side: party.did} for kind in ("owning", "possessing")]


def goods(lot, kg=1000):
    return [{"epcClass": lot, "quantity": kg, "uom": "KGM"}]


def birth(story, mine, lot):
    return story.event(
        "ObjectEvent", action="ADD", bizStep="commissioning", quantityList=goods(lot),
        readPoint={"id": "https://mine.example/pit"}, destinationList=ends("destination", mine),
        ilmd={"crm:mineral": "cassiterite"},
    )  # fmt: skip


def hand(story, step, mine, importer, lot):
    place = "https://mine.example/pit" if step == "shipping" else "https://importer.example/yard"
    return story.event(
        "ObjectEvent", action="OBSERVE", bizStep=step, quantityList=goods(lot), readPoint={"id": place},
        bizTransactionList=[{"type": "bol", "bizTransaction": f"{lot}/bol"}],
        sourceList=ends("source", mine), destinationList=ends("destination", importer),
    )  # fmt: skip


def capture(firm, story, *events):
    done = firm.send("/epcis/capture", story.document(*events))
    assert done.status_code == 202, done.json
    return [event["receipt"] for event in done.json["events"]] if "receipt" in done.json["events"][0] else done.json


def delivered(story, mine, importer, lot):
    done = mine.send(
        "/epcis/capture", story.document(birth(story, mine, lot), hand(story, "shipping", mine, importer, lot))
    )
    assert done.status_code == 202, done.json
    taken = importer.send("/epcis/capture", story.document(hand(story, "receiving", mine, importer, lot)))
    assert taken.status_code == 202, taken.json
    return done.json


@pytest.fixture
def chain(story, mine, importer, work):
    """Two lots of the mine, the second one after the theft, blended by the importer and declared."""
    first, second = (delivered(story, mine, importer, lot) for lot in (LOT, LATER))
    blend = story.event(
        "TransformationEvent", bizStep="creating_class_instance", transformationID=f"{MIX}/process",
        inputQuantityList=[*goods(LOT, 500), *goods(LATER, 500)], outputQuantityList=goods(MIX),
        readPoint={"id": "https://importer.example/yard"},
    )  # fmt: skip
    assert importer.send("/epcis/capture", story.document(blend)).status_code == 202
    assert importer.send("/v1/shipments", RECORD).status_code == 201
    work()
    return {"first": first, "second": second}


def index_of(service, capture):
    """Return the ledger index of the first event of a capture."""
    with service.store.read() as session:
        ids = [event["eventID"] if "eventID" in event else event["event_id"] for event in capture["events"]]
        return min(session.exec(select(Event.index).where(Event.event_id.in_(ids))))


def revoke(firm, since, kid=None):
    told = {"kid": kid or firm.key.kid, "reason": REASON, "compromised_since": since}
    return firm.post("/v1/keys/revoke", told)


def codes(state):
    return {finding["code"] for subject in state["subjects"] for finding in subject["findings"]}


def held(firm, batch):
    state = firm.about(batch, "state").json
    return state["state"], "INT-KEY-REVOKED" in codes(state)


def test_what_a_stolen_key_signed_is_disputed_down_to_the_shipment(service, mine, importer, chain, work, counts):
    since, before = index_of(service, chain["second"]), counts()
    assert not held(importer, MIX)[1]
    done = revoke(mine, since)
    assert (done.status_code, done.json["state"], done.json["compromised_since"]) == (200, "revoked", since)
    assert importer.about(MIX, "state").json["state"] == PENDING, "nothing looks clear before it was judged again"
    work()
    assert held(importer, LATER) == (HOLD, True)
    assert held(importer, MIX) == (HOLD, True), "what was made of it"
    assert importer.ask("/v1/shipments/S-1/state").json["state"] == HOLD
    assert not held(importer, LOT)[1], "what was signed before the theft stands"
    row = next(row for row in importer.ask("/v1/queue").json if MIX in json.dumps(row))
    assert (row["state"], "INT-KEY-REVOKED" in row["codes"]) == (HOLD, True)
    after = counts()
    kept = ("event", "capture", "holding", "handover", "site", "shipment", "counter_signature")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}, "nothing is deleted"


def test_the_chain_says_whose_signature_is_disputed(sqlite_service, mine, importer, chain, work):
    revoke(mine, index_of(sqlite_service, chain["second"]))
    work()
    shown = importer.about(MIX, "chain").json
    told = {
        (one["signature_status"], tuple(one["disputed_signers"])) for one in shown["events"] if LATER in json.dumps(one)
    }
    assert ("key_revoked", (mine.did,)) in told
    good = [one for one in shown["events"] if LOT in json.dumps(one["observed"])]
    assert all(one["signature_status"] == "valid" and not one["disputed_signers"] for one in good)
    node = next(one for one in shown["nodes"] if one["batch"] == LATER)
    assert node["unproven"], "kilograms that only a disputed signature books are marked"


def test_the_border_moves_back_and_never_forward(service, mine, importer, chain, work):
    late, early = index_of(service, chain["second"]), index_of(service, chain["first"])
    assert revoke(mine, late).status_code == 200
    forward = revoke(mine, late + 1)
    assert (forward.status_code, f"disputed from entry {late} on already" in forward.json["detail"]) == (409, True)
    assert revoke(mine, late).status_code == 409
    assert mine.post("/v1/keys/revoke", {"kid": mine.key.kid, "reason": REASON}).status_code == 409
    moved = revoke(mine, early)  # before the job of the first report was done
    assert (moved.status_code, moved.json["compromised_since"]) == (200, early)
    work()
    assert held(importer, LOT) == (HOLD, True)
    with service.store.read() as session:
        rows = session.exec(select(KeyRevocation).order_by(KeyRevocation.entry_index)).all()
        kinds = [session.get(LedgerEntry, row.entry_index).kind for row in rows]
    assert ([row.compromised_since for row in rows], kinds) == ([late, early], ["key-revoke"] * 2)
    assert moved.json["receipt"] is not None


def test_every_end_has_a_receipt_that_verifies(sqlite_service, mine, chain, keys_http):
    since = index_of(sqlite_service, chain["second"])
    first = revoke(mine, since).json["receipt"]
    second = revoke(mine, since - 1).json["receipt"]
    assert first["entry"] != second["entry"]
    for receipt in (first, second):
        verdict = keys_http.verified(sqlite_service, receipt)
        assert verdict.verdict == "ok", verdict.reason


def test_a_receipt_of_a_disputed_event_is_not_plain_ok(sqlite_service, mine, chain, keys_http):
    def receipt():
        return mine.ask(chain["second"]["receipts"]).json[0]["receipt"]

    old = receipt()
    since = index_of(sqlite_service, chain["second"])
    revoke(mine, since)
    verdict = keys_http.verified(sqlite_service, receipt())
    assert verdict.verdict == "failed"
    assert verdict.reason.startswith("disputed: the key is reported as compromised since")
    assert {item.verdict for item in verdict.items if item.what in ("inclusion", "body", "signature")} == {"ok"}
    assert keys_http.verified(sqlite_service, old).verdict == "ok", "an old receipt proves what was known then"
    assert keys_http.verified(sqlite_service, mine.ask(chain["first"]["receipts"]).json[0]["receipt"]).verdict == "ok"


def test_a_pack_tells_the_disputed_items_from_the_others(sqlite_service, mine, importer, chain, work):
    policy = Policy.pin(sqlite_service.log_key.vkey)
    before = importer.about(MIX, "evidence")
    size = int(before.headers["X-Log-Size"])
    assert verify_pack(before.data, policy=policy).verdict == "ok"
    since = index_of(sqlite_service, chain["second"])
    revoke(mine, since)
    work()
    verdict = verify_pack(importer.about(MIX, "evidence").data, policy=policy)
    disputed = [item for item in verdict.items if item.verdict == "failed"]
    assert disputed
    assert all(
        item.why.startswith(f"disputed: the key is reported as compromised since entry {since};") for item in disputed
    )
    assert len(disputed) == 2, "the two events the mine signed since; everything else holds"
    assert verdict.verdict == "failed"
    assert "disputed" in verdict.reason
    assert {item.verdict for item in verdict.items if item.what in ("complete", "chain", "files")} == {"ok"}
    again = importer.client.get(
        f"/v1/batches/{MIX.replace('/', '%2F').replace(':', '%3A')}/evidence?size={size}", headers=importer.headers
    )
    assert again.data == before.data, "a pack names nothing later than its head"
    assert any(
        b"traceability-key-revocation@v1" in data for data in read_pack(importer.about(MIX, "evidence").data).values()
    )


def test_a_dispute_told_later_is_not_in_a_pack_of_before(sqlite_service, mine, importer, chain, work):
    """The key had ended without a suspicion; the pack of that size stays what it was."""
    assert (
        mine.post("/v1/keys/revoke", {"kid": mine.key.kid, "reason": "It is not needed any more."}).status_code == 200
    )
    work()
    before = importer.about(MIX, "evidence")
    size = int(before.headers["X-Log-Size"])
    revoke(mine, index_of(sqlite_service, chain["second"]))
    path = f"/v1/batches/{MIX.replace('/', '%2F').replace(':', '%3A')}/evidence?size={size}"
    assert importer.ask(path).data == before.data


def test_a_declaration_by_a_stolen_key_waits_until_it_is_signed_again(service, importer, chain, work, admin, keys_http):
    stolen = importer.key
    further_key(importer, admin, keys_http)
    place = importer.ask("/v1/shipments").json[0]["index"]
    assert importer.ask("/v1/shipments/S-1/state").json["state"] != PENDING
    revoke(importer, place, stolen.kid)
    work()
    state = importer.ask("/v1/shipments/S-1/state").json
    assert state["state"] == PENDING
    assert f"this shipment record (entry {place}) is disputed" in json.dumps(state["pending"])
    again = importer.send("/v1/shipments", RECORD)
    assert (again.status_code, again.json["version"]) == (201, 2), "the same bytes, said again with a good key"
    work()
    assert "disputed" not in json.dumps(importer.ask("/v1/shipments/S-1/state").json["pending"])


def further_key(firm, admin, keys_http):
    """Register a further key, which an admin approves, and sign with it from now on."""
    fresh = keys_http.new_key(firm.did)
    assert firm.post("/v1/keys", {"proof": keys_http.proof(firm.client, firm.did, fresh)}).status_code == 201
    assert firm.client.post("/v1/keys/approve", json={"kid": fresh.kid}, headers=admin).status_code == 200
    firm.key = fresh


def test_an_event_is_signed_again_with_a_good_key(service, mine, importer, story, work, admin, keys_http):
    """The signature is new and has an entry; that a critical finding was there, two persons still have to resolve."""
    document = story.document(birth(story, mine, LOT), hand(story, "shipping", mine, importer, LOT))
    first = mine.send("/epcis/capture", document).json
    work()
    stolen = mine.key
    revoke(mine, first["events"][0]["index"])
    further_key(mine, admin, keys_http)
    work()
    assert mine.about(LOT, "chain").json["events"][0]["signature_status"] == "key_revoked"
    again = mine.send("/epcis/capture", document)
    assert again.status_code == 202, again.json
    assert [(one["repeated"], one["counter_signature"]) for one in again.json["events"]] == [(True, True)] * 2
    assert again.json["events"][0]["index"] > first["events"][1]["index"]
    receipt = mine.ask(again.json["receipts"]).json[0]["receipt"]
    assert keys_http.verified(service, receipt).verdict == "ok"
    work()
    shown = mine.about(LOT, "chain").json["events"][0]
    assert (shown["signature_status"], shown["disputed_signers"]) == ("valid", [])
    assert importer.about(LOT, "state").json["state"] == HOLD, "two persons have to agree that it is resolved"
    third = mine.send("/epcis/capture", document).json
    assert third["events"] == again.json["events"], "and now it is a repetition"
    assert mine.send("/epcis/capture", document, key=stolen).status_code == 403


def test_a_site_of_a_stolen_key_stays_and_is_looked_at(service, mine, importer, chain, work, keys_http, admin):
    assert "disputed_site" not in json.dumps(importer.about(LOT, "chain").json["notes"])
    revoke(mine, 0)
    work()
    shown = importer.about(LOT, "chain").json
    note = next(note for note in shown["notes"] if note["kind"] == "disputed_site")
    assert note["review"]
    assert {event["country"] for event in shown["events"]} == {"RW", "NL"}, "the place is not taken out of the facts"
    further_key(mine, admin, keys_http)
    same = {"sites": [{"uri": "https://mine.example/pit", "country": "RW"}]}
    assert mine.send("/v1/sites", same).status_code == 201
    work()
    kinds = {note["kind"] for note in importer.about(LOT, "chain").json["notes"]}
    assert "disputed_site" not in kinds, "its party said the same again, with a good key"


def test_a_relayed_signature_of_a_stolen_key_counts_no_more(service, mine, importer, story, work):
    event = birth(story, mine, LOT)
    credential = make_credential(event, mine.did, service.clock())
    token = sign_compact(credential, mine.key, kid=mine.key.kid)
    done = importer.send("/epcis/capture", story.document(event | {"crm:eventCredential": token}))
    assert done.status_code == 202, done.json
    work()
    assert importer.about(LOT, "chain").json["events"][0]["signature_status"] == "valid"
    revoke(mine, index_of(service, done.json))
    work()
    shown = importer.about(LOT, "chain").json
    assert shown["events"][0]["signature_status"] == "unsigned"
    assert shown["events"][0]["disputed_signers"] == [mine.did]
    assert "disputed_signature" in {note["kind"] for note in shown["notes"]}


def test_what_a_stolen_key_was_rotated_to_falls_with_it(service, mine, importer, story, work, keys_http):
    thief = keys_http.new_key(mine.did)
    turned = mine.post("/v1/keys/rotate", keys_http.rotation(mine.client, mine.did, mine.key, thief))
    assert turned.status_code == 201, turned.json
    done = mine.send("/epcis/capture", story.document(birth(story, mine, LATER)), key=thief)
    assert done.status_code == 202, done.json
    work()
    assert revoke(mine, turned.json["added_index"]).status_code == 200
    work()
    assert mine.states() == {mine.key.kid: "revoked", thief.kid: "revoked"}
    assert mine.about(LATER, "chain").json["events"][0]["signature_status"] == "key_revoked"
    refused = mine.send("/epcis/capture", story.document(birth(story, mine, LOT)), key=thief)
    assert refused.status_code == 403


def test_a_key_rotated_before_the_theft_was_safe(mine, keys_http):
    fresh = keys_http.new_key(mine.did)
    turned = mine.post("/v1/keys/rotate", keys_http.rotation(mine.client, mine.did, mine.key, fresh)).json
    assert revoke(mine, turned["added_index"] + 1).status_code == 200
    assert mine.states()[fresh.kid] == "active"


def test_holdings_stay_so_that_nothing_vanishes_from_view(sqlite_service, mine, importer, chain, work):
    def holdings():
        with sqlite_service.store.read() as session:
            return {(row.party_id, row.item_id) for row in session.exec(select(Holding))}

    before, events = holdings(), len(importer.about(MIX, "chain").json["events"])
    revoke(mine, 0)
    work()
    assert holdings() == before
    assert len(importer.about(MIX, "chain").json["events"]) == events


def subjects_in_pack(importer, batch):
    """Return state and reasons of each subject in a pack made now, and what its report says first."""
    report = PdfReader(io.BytesIO(read_pack(importer.about(batch, "evidence").data)["report.pdf"]))
    data = json.loads(report.attachments["evidence.json"][0])
    return [(one["subject"], one["state"], one["pending"]) for had in data["importers"] for one in had["subjects"]]


def test_a_pack_says_pending_until_all_that_rests_on_a_stolen_key_is_assessed_again(
    service, mine, importer, chain, work
):
    def clear_of_pending():
        return {subject for subject, state, why in subjects_in_pack(importer, MIX) if state != PENDING and not why}

    everything = {subject for subject, _, _ in subjects_in_pack(importer, MIX)}
    assert "S-1" in everything
    assert clear_of_pending() == everything
    revoke(mine, index_of(service, chain["second"]))
    for _, state, why in subjects_in_pack(importer, MIX):
        assert (state, "a key was reported as compromised after the last assessment" in why) == (PENDING, True)
    work()
    assert clear_of_pending() >= {"S-1", LATER}, "assessed again, so the pack says what came of it"
    states = {subject: state for subject, state, _ in subjects_in_pack(importer, MIX)}
    assert states["S-1"] == HOLD
