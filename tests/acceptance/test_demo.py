"""The demonstration on both databases: what an officer, a regulator and a sceptic find in it."""

import base64
import importlib.util
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from traceability.app import create_app
from traceability.cli import main
from traceability.demo import run as demo
from traceability.demo.cast import COMPANIES, IMPORTER
from traceability.demo.chains import stories
from traceability.demo.state import has_data
from traceability.errors import Conflict
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services.context import open_service
from traceability.services.fsck import fsck
from traceability.strict_json import loads

ROOT = Path(__file__).resolve().parents[2]
TIN, TANTALUM, GOLD, COBALT, SILICON = (story.batch for story in stories())
HOLD = "HOLD_PENDING_OFFICER"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shown(request, demonstrate):
    return demonstrate(request.param)


@pytest.fixture(scope="module")
def service(shown):
    opened = open_service(shown.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(service):
    return create_app(service=service).test_client(use_cookies=False)


@pytest.fixture
def rows(shown):
    return {row.batch: row for row in shown.outcome.rows}


@pytest.fixture(scope="module")
def sign_in(client, shown):
    """``sign_in(name)``: change the one-time password that was printed, and return the header of the account."""
    known = {}

    def header(name, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}

    def run(name):
        if name not in known:
            (account,) = [item for item in shown.outcome.accounts if item.name == name]
            refused = client.get("/v1/queue", headers=header(name, account.password))
            assert refused.status_code == 403  # a one-time password opens nothing but its change
            chosen = f"a long password of {name}"
            done = client.post("/v1/password", json={"new": chosen}, headers=header(name, account.password))
            assert done.status_code == 204
            known[name] = header(name, chosen)
        return known[name]

    return run


def token(shown, name):
    return {"Authorization": f"Bearer {(shown.outcome.folder / f'{name}.token').read_text()}"}


def get(client, path, headers, **more):
    answer = client.get(path, headers={**headers, **more})
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data)


@pytest.mark.parametrize(
    ("batch", "state", "codes"),
    [
        (TIN, "INFO_REQUIRED", set()),
        (TANTALUM, HOLD, {"ORIGIN-MISMATCH", "RF-L1", "RF-X1"}),
        (GOLD, HOLD, {"SANCTION-ENTITY"}),
        (COBALT, "REVIEW", {"DOC-CHILD-LABOUR", "DOL-TVPRA", "RF-L1"}),
        (SILICON, HOLD, {"UFLPA-XUAR", "UFLPA-CBP-PACKAGE", "DOL-TVPRA"}),
    ],
)
def test_each_chain_ends_as_somebody_who_knows_the_law_expects(rows, batch, state, codes):
    assert rows[batch].state == state
    assert codes <= set(rows[batch].codes)


def test_the_readme_shows_how_each_chain_ends(rows):
    shown = {
        line.split()[0]: line.split()[1:]
        for line in (ROOT / "README.md").read_text().splitlines()
        if "/lot/" in line[:60]
    }
    for batch in (TIN, TANTALUM, GOLD, COBALT, SILICON):
        assert shown[batch] == [rows[batch].state, *(rows[batch].codes or ("none", "above", "info"))]


def test_the_tin_raises_nothing_and_says_which_lists_fell_short(rows):
    assert rows[TIN].codes == ()
    assert any("UN Security Council" in sentence and "stale" in sentence for sentence in rows[TIN].coverage)


def test_the_uyghur_list_is_said_to_be_partial(rows):
    assert any("UFLPA Entity List is partial" in sentence for sentence in rows[SILICON].coverage)


def test_only_the_stories_with_a_reason_hold(rows):
    critical = {"ORIGIN-MISMATCH": TANTALUM, "SANCTION-ENTITY": GOLD, "UFLPA-XUAR": SILICON}
    for code, batch in critical.items():
        assert {found for found, row in rows.items() if code in row.codes} == {batch}
    assert not {code for row in rows.values() for code in row.codes if code.startswith(("INT-", "COC", "MB-"))}


def test_the_officers_queue_has_the_five_worst_first(client, sign_in):
    queue = get(client, "/v1/queue", sign_in("officer"))
    assert [row["kind"] for row in queue] == ["shipment"] * 5
    assert [row["state"] for row in queue] == [HOLD, HOLD, HOLD, "REVIEW", "INFO_REQUIRED"]
    assert {batch for row in queue for batch in row["batches"]} == {TIN, TANTALUM, GOLD, COBALT, SILICON}
    assert not any(row["pending"] for row in queue)


def test_every_event_has_a_receipt_that_verifies_without_the_service(shown):
    policy = Policy.parse((shown.outcome.folder / "log.policy").read_bytes())
    files = sorted(shown.outcome.folder.glob("receipts/*/*.json"))
    assert len(files) == sum(len(story.deeds) for story in stories())
    for file in files:
        verdict = verify_receipt(file.read_bytes(), policy=policy)
        assert verdict.verdict == "ok", (file, verdict)


def test_a_changed_receipt_and_another_log_fail(shown):
    folder = shown.outcome.folder
    data = next(folder.glob("receipts/gold/*.json")).read_bytes()
    policy = Policy.parse((folder / "log.policy").read_bytes())
    changed = loads(data)
    changed["entry"] = changed["entry"][:-4] + "AAAA"
    assert verify_receipt(json.dumps(changed).encode(), policy=policy).verdict == "failed"
    assert verify_receipt(data, policy=None).verdict == "failed"


def test_the_regulator_sees_the_whole_chain_and_the_dpo_sees_that_it_did(client, shown, sign_in):
    path = f"/v1/batches/{quote(TANTALUM, safe='')}/chain"
    regulator = token(shown, "regulator")
    assert client.get(path, headers=regulator).status_code == 403  # no purpose was stated
    purpose = "ex-post check, file 2026-17"
    chain = get(client, path, regulator, **{"X-Purpose": purpose})
    assert len(chain["upstream"]) == 2
    names = {party.get("name") for party in chain["parties"]}
    assert {"Demo Kivu Cooperative (invented)", "Demo Goma Comptoir (invented)", IMPORTER.name} <= names
    assert {event["signature_status"] for event in chain["events"]} == {"valid"}
    assert "ORIGIN-MISMATCH" in {finding["code"] for finding in chain["findings"]}
    log = get(client, "/v1/access-log", sign_in("dpo"))
    (read,) = [row for row in log if row["subject"] == TANTALUM]
    assert (read["action"], read["actor"], read["detail"]["purpose"]) == ("chain", "regulator-software", purpose)


def test_a_supplier_sees_its_own_chain_and_no_other(client, shown):
    kivu = token(shown, "demo-kivu")
    lot = next(name for name in stories()[1].deeds[0][1]["quantityList"])["epcClass"]
    own = get(client, f"/v1/batches/{quote(lot, safe='')}/chain", kivu)
    assert own["findings"] == []
    assert own["state"] is None
    assert client.get(f"/v1/batches/{quote(GOLD, safe='')}/chain", headers=kivu).status_code == 404


def test_nothing_needs_a_second_look_for_a_reason_of_ours(client, shown):
    """A custody note that raises a state would mean that the demonstration tells its stories badly."""
    for batch in (TIN, TANTALUM, GOLD, COBALT, SILICON):
        state = get(client, f"/v1/batches/{quote(batch, safe='')}/state", token(shown, IMPORTER.slug))
        notes = [note for subject in state["subjects"] for note in subject["notes"]]
        assert {note["kind"] for note in notes} <= {"late_report", "tag_missing"}, batch
        assert not any(note["review"] for note in notes)


def test_every_company_is_named_as_invented():
    named = {company.name for company in COMPANIES.values() if "(invented)" not in company.name}
    assert named == {"Machanga Ltd"}
    assert all("nvented" in company.address for company in COMPANIES.values())
    assert all(company.did.endswith(".example") for company in COMPANIES.values())


def test_it_stands_among_no_data(service, shown):
    assert has_data(service)
    with pytest.raises(Conflict, match="empty"):
        demo.run(service)


def test_the_command_line_leaves_data_alone(service, shown):
    env = {
        "TRACEABILITY_DATABASE_URL": shown.settings.database_url,
        "TRACEABILITY_STATE_DIR": str(shown.settings.state_dir),
    }
    done = CliRunner().invoke(main, ["demo", "--if-empty", "--json"], env=env)
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert "data already" in done.stderr


def test_one_that_broke_off_is_not_taken_for_whole(service, shown):
    env = {
        "TRACEABILITY_DATABASE_URL": shown.settings.database_url,
        "TRACEABILITY_STATE_DIR": str(shown.settings.state_dir),
    }
    last = shown.outcome.folder / "log.policy"
    kept = last.read_bytes()
    last.unlink()
    try:
        done = CliRunner().invoke(main, ["demo", "--if-empty"], env=env)
    finally:
        last.write_bytes(kept)
    assert done.exit_code == 2
    assert "did not come to its end" in done.stderr


def test_what_is_kept_is_for_its_owner_only(shown):
    secrets = [*shown.outcome.folder.glob("*.token"), *shown.outcome.folder.glob("*.key.json")]
    assert len(secrets) == 2 * len(COMPANIES) + 1
    assert {file.stat().st_mode & 0o777 for file in secrets} == {0o600}


def test_the_printed_table_says_state_codes_coverage_and_accounts(shown):
    from traceability.cli import demo as command

    text = "\n".join([*command._table(shown.outcome.rows), *command._how_to_go_on(shown.settings, shown.outcome)])
    for row in shown.outcome.rows:
        assert row.batch in text
        assert " ".join(row.codes) in text
    assert all(account.password in text for account in shown.outcome.accounts)
    for word in ("compliant", "conflict-free", "safe", "approved"):
        assert word not in text.lower()


def test_the_documents_are_those_their_texts_make(tmp_path):
    path = ROOT / "scripts" / "build_demo_documents.py"
    spec = importlib.util.spec_from_file_location("build_demo_documents", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.build(tmp_path)
    committed = ROOT / "seed" / "demo"
    assert {file.name for file in made} == {file.name for file in committed.iterdir() if file.is_file()}
    for file in made:
        assert file.read_bytes() == (committed / file.name).read_bytes(), file.name
    assert {paper.filename for story in stories() for paper in story.papers} == {file.name for file in made}


def test_an_audit_finds_nothing_wrong_with_it(service):
    report = fsck(service, deep=True)
    assert [problem.as_dict() for problem in report.problems] == []
    assert report.stands[0] == report.entries > 200
