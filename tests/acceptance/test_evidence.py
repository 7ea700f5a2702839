"""Evidence packs of the demonstration: complete, checkable without the service, and no more than their reader may see."""

import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from io import BytesIO
from urllib.parse import quote

import pypdf
import pytest

from traceability.app import create_app
from traceability.demo.cast import IMPORTER
from traceability.demo.chains import stories
from traceability.ledger.encoding import digest
from traceability.ledger.pack import MANIFEST, Manifest, json_lines, read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify import NOT_PINNED, verify_receipt
from traceability.ledger.verify_pack import verify_pack
from traceability.services.context import open_service
from traceability.services.rotation import rotate_log_key

TIN, TANTALUM, GOLD, COBALT, SILICON = (story.batch for story in stories())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shown(request, demonstrate):
    return demonstrate(request.param)


@pytest.fixture(scope="module")
def client(shown):
    service = open_service(shown.settings)
    yield create_app(service=service).test_client(use_cookies=False)
    service.close()


def token(shown, who):
    return {"Authorization": f"Bearer {(shown.settings.state_dir / 'demo' / f'{who}.token').read_text().strip()}"}


@pytest.fixture(scope="module")
def fetch(client, shown):
    def run(batch, who, size=None, **headers):
        path = f"/v1/batches/{quote(batch, safe='')}/evidence" + (f"?size={size}" if size else "")
        return client.get(path, headers={**token(shown, who), **headers})

    return run


@pytest.fixture(scope="module")
def policy(shown):
    return Policy.parse((shown.settings.state_dir / "demo" / "log.policy").read_bytes())


PURPOSE = {"X-Purpose": "ex-post check, file 2026-17"}


@pytest.mark.parametrize("batch", [TIN, TANTALUM, GOLD, COBALT, SILICON])
def test_a_regulator_takes_away_what_verifies_without_us(fetch, policy, batch):
    answer = fetch(batch, "regulator", **PURPOSE)
    assert (answer.status_code, answer.content_type) == (200, "application/zip"), answer.text
    verdict = verify_pack(answer.data, policy=policy)
    assert verdict.verdict == "ok", verdict.reason
    said = {item.what for item in verdict.items}
    assert {"files", "manifest", "checkpoint", "complete", "chain"} <= said
    assert verify_pack(answer.data, policy=None).reason == NOT_PINNED
    files = read_pack(answer.data)
    assert any(name.startswith("documents/") for name in files)
    assert json_lines(files["findings.jsonl"])
    manifest = Manifest.from_json(files[MANIFEST])
    assert (manifest.layer, manifest.view) == ("private", "everything")
    assert f'filename="pack-{batch.rpartition("/")[2]}-2026-11-23.zip"' in answer.headers["Content-Disposition"]
    reader = pypdf.PdfReader(BytesIO(files["report.pdf"]))
    assert json.loads(reader.attachments["evidence.json"][0])["batch"] == batch
    said = " ".join(page.extract_text() for page in reader.pages).lower()
    assert not [word for word in ("compliant", "conflict-free", "safe ", "approved") if word in said]


def test_the_same_size_gives_the_same_bytes_and_the_log_holds_their_hash(fetch, client, shown, policy):
    first = fetch(TANTALUM, "regulator", **PURPOSE)
    size = int(first.headers["X-Log-Size"])
    newer = fetch(TANTALUM, "regulator", **PURPOSE)
    again = fetch(TANTALUM, "regulator", size, **PURPOSE)
    assert int(newer.headers["X-Log-Size"]) > size, "a pack that was made is in the log itself"
    place = int(first.headers["X-Ledger-Entry"])
    assert size <= place < int(newer.headers["X-Log-Size"])
    receipt = client.get(f"/v1/receipts/{place}", headers=token(shown, "regulator"))
    packs = {digest(first.data): "pack.zip"}
    items = verify_receipt(json.dumps(receipt.json).encode(), policy=policy, packs=packs).items
    assert ("pack", "ok") in {(item.what, item.verdict) for item in items}, receipt.json
    assert client.get(f"/v1/receipts/{place}", headers=token(shown, "demo-goma")).status_code == 404
    assert again.data == first.data


def test_an_earlier_receipt_lies_on_its_tree(fetch, shown, policy):
    answer = fetch(TANTALUM, "regulator", **PURPOSE)
    folder = shown.settings.state_dir / "demo"
    receipts = [path.read_bytes() for path in sorted(folder.rglob("*.receipt.json"))]
    rows = json_lines(read_pack(answer.data)["receipts.jsonl"])
    entries = {row["receipt"]["entry"] for row in rows}
    mine = [data for data in receipts if json.loads(data)["entry"] in entries][:3]
    assert mine
    verdict = verify_pack(answer.data, policy=policy, older=mine)
    assert verdict.verdict == "ok", verdict.reason


def test_the_verifier_in_the_pack_says_the_same(fetch, shown, tmp_path):
    data = fetch(COBALT, "regulator", **PURPOSE).data
    (tmp_path / "pack.zip").write_bytes(data)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    policy = shown.settings.state_dir / "demo" / "log.policy"
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path / "pack.zip"), "--policy", str(policy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[:2000]


def test_a_supplier_gets_its_chain_and_nothing_private(fetch, policy):
    mine = fetch(TANTALUM, "demo-goma")
    assert mine.status_code == 200, mine.text
    files = read_pack(mine.data)
    assert Manifest.from_json(files[MANIFEST]).layer == "chain"
    assert not [name for name in files if name.startswith(("documents/", "assessments/", "shipments/"))]
    assert verify_pack(mine.data, policy=policy).verdict == "ok"
    assert fetch(GOLD, "demo-goma").status_code == 404


def test_an_importer_gets_its_own_private_layer(fetch, policy):
    mine = fetch(COBALT, IMPORTER.token if hasattr(IMPORTER, "token") else "demo-metals")
    assert mine.status_code == 200
    assert Manifest.from_json(read_pack(mine.data)[MANIFEST]).importers == (IMPORTER.did,)
    assert verify_pack(mine.data, policy=policy).verdict == "ok"


def test_what_is_asked_wrongly_is_told(fetch):
    assert fetch(TIN, "regulator").status_code == 403, "no purpose stated"
    assert fetch(TIN, "regulator", size=3, **PURPOSE).status_code == 404
    assert fetch(TIN, "regulator", size="x", **PURPOSE).status_code == 400
    assert fetch("https://id.none.example/lot/1", "regulator", **PURPOSE).status_code == 404


def test_tokens_over_the_head_of_a_pack_are_in_it(fetch, client, shown, policy, make_tsa):
    from sqlmodel import col, select

    from traceability.ledger.pack import CHECKPOINT, TIMESTAMPS
    from traceability.ledger.timestamp import Trust, checker
    from traceability.storage.tables import Checkpoint, CheckpointTimestamp

    service, tsa = client.application.extensions["traceability"], make_tsa()

    def stamped(over=lambda note: sha256(note).digest(), *, shown_before=False):
        with service.store.read() as session:
            head = session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one()
        before = fetch(TIN, "regulator", head.size, **PURPOSE).data if shown_before else None
        token, key = tsa.token(over(head.note.encode())), (head.size, "A")
        row = CheckpointTimestamp(size=key[0], authority="A", at=tsa.clock(), received_at=tsa.clock(), token=token)
        service.store.write(lambda tx: tx.session.add(row))
        data = fetch(TIN, "regulator", head.size, **PURPOSE).data
        service.store.write(lambda tx: tx.session.delete(tx.session.get(CheckpointTimestamp, key)))
        return before, data, head.note.encode()

    check = checker([Trust.read(tsa.root.pem)])
    _, data, note = stamped()
    assert read_pack(data)[CHECKPOINT].startswith(note)
    said = {item.what: item for item in verify_pack(data, policy=policy, check_stamp=check).items}
    assert (said["time stamp"].verdict, "A at 2026" in said["time stamp"].why) == ("ok", True)
    plain = verify_pack(data, policy=policy)
    assert plain.verdict == "ok"
    assert "1 time-stamp token" in plain.reason
    wrong = stamped(lambda _note: bytes(32))[1]
    assert verify_pack(wrong, policy=policy, check_stamp=check).reason.startswith("time stamp: the token is over")
    before, after, _ = stamped(shown_before=True)
    assert before == after, "what was shown without a token is shown without it again"
    assert TIMESTAMPS not in read_pack(after)


def test_the_key_pinned_before_a_rotation_opens_packs_from_before_and_after(fetch, shown, policy):
    """The last test here: it changes the log's key."""
    before = fetch(TANTALUM, "regulator", **PURPOSE)
    size = int(before.headers["X-Log-Size"])
    service = open_service(shown.settings)
    done = rotate_log_key(service)
    service.close()
    after = fetch(TANTALUM, "regulator", **PURPOSE)
    assert Manifest.from_json(read_pack(after.data)[MANIFEST]).log_key == done.change.new
    for trusted in (policy, Policy.pin(done.change.new)):
        verdict = verify_pack(after.data, policy=trusted)
        assert verdict.verdict == "ok", verdict.reason
    assert "follows" in verify_pack(after.data, policy=policy).items[0].why
    again = fetch(TANTALUM, "regulator", size, **PURPOSE)
    assert again.data == before.data
    assert verify_pack(again.data, policy=policy).verdict == "ok"
    folder = shown.settings.state_dir / "demo"
    entries = {row["receipt"]["entry"] for row in json_lines(read_pack(after.data)["receipts.jsonl"])}
    older = [
        data for path in folder.rglob("*.receipt.json") if json.loads(data := path.read_bytes())["entry"] in entries
    ]
    verdict = verify_pack(after.data, policy=policy, older=older[:2])
    assert ("older receipt 1", "ok") in [(item.what, item.verdict) for item in verdict.items]
