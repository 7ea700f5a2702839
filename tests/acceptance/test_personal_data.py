"""Personal data: committed before signing, opened to those entitled, erased without breaking anything (fault 34)."""

import io
import json
import logging
from urllib.parse import quote

import pytest
from sqlmodel import select

from traceability.events.personal import committed
from traceability.ledger.commitment import new_opening
from traceability.ledger.entry import Entry
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services.mandates import grant
from traceability.services.retention import files, reports  # noqa: F401  # their jobs
from traceability.storage.tables import AccessLog, AccessLogParty, Job, LedgerEntry, LedgerTile, PersonalData

NAME = "Jean-Bosco Mutombo"
WHY = "the miner asked for it in writing, case 12"
PURPOSE = {"X-Purpose": "inspection under article 11"}


@pytest.fixture
def signed(make_sender, story):
    """A capture of the mine whose one event holds a commitment; returns (sender, answer, event id, opening)."""
    mine = make_sender("Mine One")
    found = []

    def commit(name, value):
        found.append(new_opening(name, value))
        return found[-1].commitment

    event = story.born("LOT-1", **{"crm:personal": {"miner": NAME}})
    sent = mine.post(committed(story.document(event), commit))
    assert sent.status_code == 202, sent.text
    return mine, sent.json, event["eventID"], found[0]


def deposit(client, mine, capture, *openings):
    path = f"/v1/captures/{capture['captureID']}/openings"
    return client.post(path, json={"openings": [one.as_dict() for one in openings]}, headers=mine.headers)


def test_personal_data_is_not_captured_readably(make_sender, story, counts):
    mine = make_sender("Mine One")
    before = counts()
    refused = mine.post(story.document(story.born("LOT-1", **{"crm:personal": {"miner": NAME}})))
    assert refused.status_code == 400
    assert "committed before it is signed" in refused.json["detail"]
    assert NAME not in refused.text
    assert counts() == before


def test_an_opening_is_kept_for_its_party_and_for_regulators_and_every_read_is_logged(
    service, client, signed, make_sender, make_api_key, make_user, clock
):
    mine, capture, event_id, opening = signed
    assert deposit(client, mine, capture, opening).status_code == 201
    assert deposit(client, mine, capture, opening).json == {"deposited": 0, "known": 1}
    path = f"/v1/openings/{quote(event_id, safe='')}"
    shown = client.get(path, headers=mine.headers)
    assert shown.json["openings"] == [opening.as_dict() | {"erased": None}]
    stranger = make_sender("Stranger", role="importer", roles=["importer"])
    assert client.get(path, headers=stranger.headers).status_code == 404
    for role in ("dpo", "admin"):
        assert client.get(path, headers=make_api_key(None, role=role).headers).status_code == 403
    reg = make_user("regulator")
    admin = make_user("admin").actor
    day = clock().date()
    grant(service, admin, reg.row.name, "the authority", "Art. 11", "ex-post checks", (day, day))
    login = (reg.row.name, reg.password)
    assert client.get(path, auth=login).status_code == 403, "no purpose stated"
    assert client.get(path, auth=login, headers=PURPOSE).json["openings"][0]["value"] == NAME
    with service.store.read() as session:
        lines = list(session.exec(select(AccessLog).where(AccessLog.action == "personal data")))
        whose = {row.party_id for row in session.exec(select(AccessLogParty))}
    assert [line.role for line in lines] == ["supplier", "regulator"]
    assert lines[1].mandate_id is not None
    assert whose == {mine.party.id}
    assert NAME not in repr(lines)


def test_what_does_not_open_is_refused_and_nothing_is_kept(client, signed, make_sender, counts):
    mine, capture, _, opening = signed
    foreign, wrong = new_opening("miner", NAME), opening.as_dict() | {"value": "somebody else"}
    path = f"/v1/captures/{capture['captureID']}/openings"
    before = counts()
    for one in (foreign.as_dict(), wrong):
        answer = client.post(path, json={"openings": [opening.as_dict(), one]}, headers=mine.headers)
        assert answer.status_code == 422, answer.text
        assert "nothing was kept" in answer.json["detail"]
        assert NAME not in answer.text
    short = opening.as_dict() | {"salt": "c2hvcnQgc2FsdCBpcyB0b28="}
    assert client.post(path, json={"openings": [short]}, headers=mine.headers).status_code in {400, 422}
    other = make_sender("Other")
    assert deposit(client, other, capture, opening).status_code == 404
    assert counts()["personal_data"] == before["personal_data"] == 0


def test_a_receipt_carries_the_openings_its_holder_asks_for(service, client, signed):
    mine, capture, _, opening = signed
    deposit(client, mine, capture, opening)
    place = capture["events"][0]["index"]
    policy = Policy.parse(f"log {service.log_key.vkey}\nquorum none\n".encode())
    plain = client.get(f"/v1/receipts/{place}", headers=mine.headers)
    assert "openings" not in plain.json
    assert NAME not in plain.text
    assert client.get(f"/v1/receipts/{place}?openings=x", headers=mine.headers).status_code == 400
    receipt = client.get(f"/v1/receipts/{place}?openings=yes", headers=mine.headers).json
    assert receipt["openings"] == [opening.as_dict()]
    verdict = verify_receipt(json.dumps(receipt).encode(), policy=policy)
    assert verdict.verdict == "ok", verdict.reason
    assert ("commitments", "ok") in {(item.what, item.verdict) for item in verdict.items}
    receipt["openings"][0]["value"] = "somebody else"
    assert verify_receipt(json.dumps(receipt).encode(), policy=policy).reason.startswith("commitments")
    receipt["openings"] = [new_opening("miner", NAME).as_dict()]
    assert verify_receipt(json.dumps(receipt).encode(), policy=policy).verdict == "failed", (
        "no commitment of this event"
    )


def test_a_dpo_erases_a_value_and_signature_proof_and_receipt_stay_valid(
    service, client, signed, make_session, make_sender
):
    mine, capture, event_id, opening = signed
    deposit(client, mine, capture, opening)
    policy = Policy.parse(f"log {service.log_key.vkey}\nquorum none\n".encode())
    place = capture["events"][0]["index"]
    path = f"/v1/openings/{quote(event_id, safe='')}"
    dpo = make_session(mine.party, role="dpo").headers
    other = make_session(make_sender("Other").party, role="dpo").headers
    body = {"reason": WHY}
    assert client.post(f"{path}/erase", json=body, headers=mine.headers).status_code == 403
    assert client.post(f"{path}/erase", json=body, headers=other).status_code == 404
    assert client.post(f"{path}/erase", json={"reason": "please"}, headers=dpo).status_code == 422
    done = client.post(f"{path}/erase", json=body, headers=dpo)
    assert done.status_code == 200, done.text
    assert done.json["erased"] == 1
    with service.store.read() as session:
        entry = Entry.parse(bytes(session.get_one(LedgerEntry, done.json["erasure"]).body))
        row = session.exec(select(PersonalData)).one()
    assert (entry.kind, entry.ref) == ("erasure", (place,))
    assert (row.value, row.salt) == (None, None)
    again = client.post(f"{path}/erase", json=body, headers=dpo)
    assert (again.status_code, again.json["erased"]) == (200, 0)
    assert client.get(path, headers=mine.headers).json["openings"] == [
        {"commitment": opening.commitment, "name": "miner", "erased": done.json["erasure"]}
    ]
    receipt = client.get(f"/v1/receipts/{place}?openings=yes", headers=mine.headers)
    assert receipt.json["body"] is not None, "the signed event is as it was"
    assert "openings" not in receipt.json
    assert verify_receipt(receipt.data, policy=policy).verdict == "ok"
    assert deposit(client, mine, capture, opening).status_code == 409, "what was erased is not taken in again"


def test_what_is_held_is_not_erased(client, signed, make_session, story):
    mine, capture, event_id, opening = signed
    deposit(client, mine, capture, opening)
    dpo = make_session(mine.party, role="dpo").headers
    hold = {"kind": "batch", "target": story.lot("LOT-1"), "reason": "a claim about this lot, case 9"}
    assert client.post("/v1/retention/holds", json=hold, headers=dpo).status_code == 201
    path = f"/v1/openings/{quote(event_id, safe='')}/erase"
    answer = client.post(path, json={"reason": WHY}, headers=dpo)
    assert answer.status_code == 409
    assert "held" in answer.json["detail"]


@pytest.fixture
def delivered(client, make_sender, make_session, story, work):
    """The mine's lot with a committed name went to an importer, which has a way to ask the mine's dpo for its erasure."""
    mine, importer = make_sender("Mine One"), make_sender("Importer", role="importer", roles=["importer"], country="NL")
    found = []

    def commit(name, value):
        found.append(new_opening(name, value))
        return found[-1].commitment

    event = story.born("LOT-1", **{"crm:personal": {"miner": NAME}})
    goods = story.document(event, story.made(["LOT-1"], ["MIX-1"]), story.handed(importer.party.did, "MIX-1"))
    sent = mine.post(committed(goods, commit))
    assert sent.status_code == 202, sent.text
    assert deposit(client, mine, sent.json, *found).status_code == 201
    dpo = make_session(mine.party, role="dpo").headers

    def erase():
        path = f"/v1/openings/{quote(event['eventID'], safe='')}/erase"
        return client.post(path, json={"reason": WHY}, headers=dpo)

    return importer, erase


def declare(importer, story):
    record = {"shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
              "net_weight_kg": "100", "batch_ids": [story.lot("MIX-1")]}  # fmt: skip
    assert importer.post(record, "/v1/shipments").status_code == 201


def hold(client, headers, kind, target=""):
    said = {"kind": kind, "target": target, "reason": "a claim about this lot, case 9"}
    answer = client.post("/v1/retention/holds", json=said, headers=headers)
    assert answer.status_code == 201, answer.text
    return f"/v1/retention/holds/{answer.json['id']}/lift"


@pytest.mark.parametrize(("kind", "target"), [("shipment", "S-1"), ("all", "")])
def test_a_hold_on_a_record_that_rests_on_the_event_keeps_its_openings(
    client, delivered, make_session, story, work, kind, target
):
    importer, erase = delivered
    declare(importer, story)
    work()
    officer = make_session(importer.party, role="officer").headers
    lift = hold(client, officer, kind, target)
    refused = erase()
    assert (refused.status_code, "held" in refused.json["detail"]) == (409, True)
    assert client.post(lift, json={"reason": WHY}, headers=officer).status_code == 200
    assert erase().json["erased"] == 1


def test_a_hold_of_an_importer_that_has_the_goods_in_stock_keeps_openings(client, delivered, make_session, work):
    importer, erase = delivered
    work()
    officer = make_session(importer.party, role="officer").headers
    lift = hold(client, officer, "all")
    assert erase().status_code == 409
    assert client.post(lift, json={"reason": WHY}, headers=officer).status_code == 200
    assert erase().json["erased"] == 1


def test_an_open_case_about_a_record_keeps_the_openings_it_rests_on(client, delivered, make_session, story, work):
    importer, erase = delivered
    declare(importer, story)
    work()
    officer = make_session(importer.party, role="officer").headers
    said = {"kind": "shipment", "subject": "S-1", "reason": "The authority asked us to stop this consignment.",
            "reason_code": "other"}  # fmt: skip
    decide = client.post("/v1/decisions", json=said | {"disposition": "suspended"}, headers=officer)
    assert decide.status_code == 201, decide.text
    refused = erase()
    assert (refused.status_code, "a case about it is open" in refused.json["detail"]) == (409, True)
    ended = client.post("/v1/decisions", json=said | {"disposition": "disengaged"}, headers=officer)
    assert ended.status_code == 201, ended.text
    assert erase().json["erased"] == 1


def test_another_partys_batch_is_held_by_nobody_else_and_not_told_of(client, signed, make_sender, make_session, story):
    stranger = make_sender("Stranger", role="importer", roles=["importer"])
    officer = make_session(stranger.party, role="officer").headers
    said = []
    for name in ("LOT-1", "LOT-NONE"):
        hold = {"kind": "batch", "target": story.lot(name), "reason": "a claim about this lot, case 9"}
        answer = client.post("/v1/retention/holds", json=hold, headers=officer)
        assert answer.status_code == 404
        said.append(answer.json["title"])
    assert said[0] == said[1]
    operator = make_session(None, role="dpo").headers
    mine = make_session(signed[0].party, role="dpo").headers
    held = {"kind": "batch", "target": story.lot("LOT-1"), "reason": "a claim about this lot, case 9"}
    placed = client.post("/v1/retention/holds", json=held, headers=mine)
    lift = f"/v1/retention/holds/{placed.json['id']}/lift"
    assert client.post(lift, json={"reason": WHY}, headers=officer).status_code == 404
    assert client.post(lift, json={"reason": WHY}, headers=operator).status_code == 404
    assert client.post(lift, json={"reason": WHY}, headers=mine).status_code == 200


def test_an_auditor_reads_openings_of_its_period_only(service, client, signed, make_sender, make_user, clock):
    mine, capture, event_id, opening = signed
    deposit(client, mine, capture, opening)
    auditor, admin, day = make_user("auditor"), make_user("admin").actor, clock().date()
    mandate = (
        service,
        admin,
        auditor.row.name,
        "the auditor",
        "Art. 6",
        "audit of the year",
        (day, day),
        mine.party.did,
    )
    grant(*mandate, (day.replace(year=day.year - 3), day.replace(year=day.year - 2)))
    login, path = (auditor.row.name, auditor.password), f"/v1/openings/{quote(event_id, safe='')}"
    assert client.get(path, auth=login, headers=PURPOSE).status_code == 404


def test_no_text_of_an_input_gets_into_entries_logs_errors_or_jobs(
    request, service, client, signed, make_sender, make_session, story
):
    """Fault 34: every free text a caller can send, sent with a string found nowhere else."""
    mine, capture, event_id, opening = signed
    work, caplog, capsys = map(request.getfixturevalue, ("work", "caplog", "capsys"))
    caplog.set_level(logging.DEBUG)
    mark = "ZQX-distinctive"
    words = iter(f"{mark}-{number}" for number in range(1000))
    importer = make_sender("Importer", role="importer", roles=["importer"])
    officer, dpo = make_session(importer.party, role="officer").headers, make_session(mine.party, role="dpo").headers
    answers = []

    def post(path, headers, **named):
        answers.append(client.post(path, headers=headers, **named))

    answers.append(
        mine.post(story.document(story.born("LOT-2", **{"crm:sealNumber": next(words), "crm:note": next(words)})))
    )
    answers.append(mine.post(story.document(story.handed(importer.party.did, "LOT-2", disposition=next(words)))))
    answers.append(mine.post(b'{"type": "EPCISDocument", "' + next(words).encode() + b'": '))
    answers.append(mine.post({"type": next(words)}))
    answers.append(
        importer.post(
            {"shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
             "batch_ids": [story.lot("LOT-2")], "trade_name": next(words), "supplier": {"name": next(words)}},
            "/v1/shipments",
        )
    )  # fmt: skip
    answers.append(importer.post({"shipment_id": "S-2", "cn_code": next(words)}, "/v1/shipments"))
    answers.append(importer.post({"profile": {"name": next(words)}, "volumes": []}, "/v1/profile"))
    deposit(client, mine, capture, opening)
    wrong = opening.as_dict() | {"value": next(words)}
    post(f"/v1/captures/{capture['captureID']}/openings", mine.headers, json={"openings": [wrong]})
    post("/v1/decisions", officer, json={
        "kind": "shipment", "subject": "S-1", "disposition": "suspended", "reason_code": "other",
        "reason": f"a reason long enough {next(words)}"})  # fmt: skip
    post("/v1/retention/holds", dpo, json={"kind": "all", "reason": f"held because of {next(words)}"})
    post(f"/v1/openings/{quote(event_id, safe='')}/erase", dpo, json={"reason": f"asked for by {next(words)}"})
    post("/v1/keys/revoke", mine.headers, json={"kid": "x", "reason": f"lost by {next(words)}"})
    post("/v1/documents", importer.headers, data={"file": (io.BytesIO(b"x"), f"{next(words)}.txt")})
    client.get("/v1/batches/x/chain", headers=officer | {"X-Purpose": f"purpose {next(words)}"})
    client.get("/v1/queue", headers={"Authorization": f"Bearer {next(words)}"})
    work()

    with service.store.read() as session:
        entries = b"".join(bytes(row.body) for row in session.exec(select(LedgerEntry)))
        tiles = b"".join(bytes(row.hashes) for row in session.exec(select(LedgerTile)))
        errors = "".join(row.error or "" for row in session.exec(select(Job)))
    logged = caplog.text + "".join(capsys.readouterr())
    assert "status=" in logged or "path=" in logged, "the log was listened to"
    secrets = (mark, NAME, "Mutombo")
    for place, text in (
        ("entries", entries.decode()),
        ("tiles", tiles.decode("latin-1")),
        ("jobs", errors),
        ("logs", logged),
    ):
        for secret in secrets:
            assert secret not in text, (place, [line for line in text.splitlines() if secret in line][:3])
    # An answer may repeat what its own caller has just sent, and nothing that anybody else ever sent.
    assert not any(NAME in answer.text for answer in answers)
    assert all(answer.status_code < 500 for answer in answers)
