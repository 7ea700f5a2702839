"""Commands over --url against a real service on loopback: a newcomer's way from a key to a verified receipt."""

import json

import pytest

from traceability.cli.lost_keys import METHODS
from traceability.services import lost_keys

PASSWORD = "a long enough password"


@pytest.fixture
def at(run, server):
    """``at(token, "capture", ...)`` runs a command with ``--url`` and ``--token``."""
    return lambda token, *arguments, **named: run(*arguments, "--url", server, "--token", token, **named)


@pytest.fixture
def mine(make_party, make_api_key):
    party = make_party("Mine One")
    return party, make_api_key(party).secret


def test_from_nothing_to_a_verified_receipt(run, at, server, admin_token, tmp_path, monkeypatch, sample_chain):
    key = tmp_path / "mine.key"
    run("keys", "new", "--party", "did:web:mine.example", "--out", key)
    applied = run("parties", "apply", key, "--name", "Mine", "--country", "CD", "--role", "mine", "--json",
                  "--identifier", "national=CD 1", "--prefix", "https://id.mine.example/", "--url", server)  # fmt: skip
    assert (applied.code, list(applied.json)) == (0, ["id", "did", "state", "kid"])
    waiting = at(admin_token, "parties", "list", "--state", "waiting", "--json").json["parties"]
    assert [row["id"] for row in waiting] == [applied.json["id"]]
    approved = at(admin_token, "parties", "approve", applied.json["id"], "--json")
    assert approved.json == {"id": applied.json["id"], "did": "did:web:mine.example", "state": "active"}
    account = ("users", "add", "bob", "--role", "supplier", "--party", "did:web:mine.example", "--json")
    once = at(admin_token, *account).json
    assert list(once) == ["name", "role", "password"]
    own = ("--url", server, "--user", "bob", "--password")
    early = run("api-keys", "new", "k", "--scope", "read", *own, once["password"])
    assert (early.code, "change it first" in early.err) == (2, True)
    assert run("api-keys", "password", "--new", PASSWORD, *own, once["password"]).code == 0
    scopes = ("--scope", "read", "--scope", "write", "--scope", "capture")
    made = run("api-keys", "new", "prod", *scopes, *own, PASSWORD, "--json").json
    assert made["scopes"] == ["capture", "read", "write"]
    monkeypatch.setenv("TRC_URL", server)
    monkeypatch.setenv("TRC_TOKEN", made["secret"])
    captured = run("capture", sample_chain, "--key", key, "--receipts", tmp_path / "receipts", "--json")
    assert captured.code == 0, captured.err
    assert [list(row) for row in captured.json] == [["file", "capture_id", "success", "events", "errors"]]
    assert [list(event) for event in captured.json[0]["events"]] == [["event_id", "receipt"]] * 8
    receipts = sorted((tmp_path / "receipts").iterdir())
    assert len(receipts) == 8
    pin = captured.json[0]["events"][0]["receipt"]["log_key"]
    verified = run("verify", *receipts, "--pin", pin, "--json")
    assert (verified.code, {row["verdict"] for row in verified.json}) == (0, {"ok"})
    unpinned = run("verify", receipts[0], "--json")
    assert (unpinned.code, unpinned.json[0]["reason"]) == (1, "log key not pinned")
    policy = tmp_path / "policy"
    policy.write_text(f"log {pin}\nquorum none\n")
    assert run("verify", receipts[0], "--policy", policy).code == 0
    again = run("capture", sample_chain, "--key", key, "--json").json
    assert [event["receipt"]["entry"] for event in again[0]["events"]] == [
        event["receipt"]["entry"] for event in captured.json[0]["events"]
    ]


@pytest.fixture
def sample_chain():
    from pathlib import Path

    path = Path(__file__).resolve().parents[3] / ".." / "shared" / "design" / "sample-chain.json"
    if not path.exists():
        pytest.skip("the worked chain is not beside this repository")
    return path


def test_keys(at, run, mine, admin_token, keyfile, tmp_path, server):
    party, token = mine
    further, newer = tmp_path / "further.key", tmp_path / "newer.key"
    for path in (further, newer):
        run("keys", "new", "--party", party.did, "--out", path)
    kid = json.loads(further.read_text())["kid"]
    registered = at(token, "keys", "register", further, "--json")
    assert registered.json == {"kid": kid, "state": "waiting", "receipt": None}
    denied = at(token, "keys", "approve", kid)
    assert (denied.code, "admin" in denied.err) == (2, True)
    withdrawn = at(token, "keys", "revoke", further, "--reason", "it was the wrong file", "--json")
    assert withdrawn.json == {"kid": kid, "state": "refused", "receipt": None}
    assert at(admin_token, "keys", "approve", kid).code == 2, "it waits no more"
    assert at(token, "keys", "register", further, "--json").json["state"] == "waiting", "and can be applied for again"
    assert at(admin_token, "keys", "approve", further, "--json").json["state"] == "active"
    rotated = at(token, "keys", "rotate", further, "--new", newer, "--json")
    assert list(rotated.json) == ["kid", "state", "receipt"]
    assert (rotated.json["kid"], rotated.json["state"]) == (json.loads(newer.read_text())["kid"], "active")
    revoked = at(token, "keys", "revoke", newer, "--reason", "it is not needed any more", "--json")
    assert (revoked.json["state"], bool(revoked.json["receipt"])) == ("revoked", True)
    secrets = {json.loads(path.read_text())["d"] for path in (further, newer)}
    assert not [secret for secret in secrets if secret in rotated.out + revoked.out]
    foreign = tmp_path / "foreign.key"
    run("keys", "new", "--party", "did:web:else.example", "--out", foreign)
    assert at(token, "keys", "rotate", further, "--new", foreign).code == 2
    assert at(token, "keys", "register", foreign).code == 2


def test_a_lost_key_and_a_new_one(at, run, mine, admin_token, second_admin_token, *, tmp_path, server):
    party, token = mine
    fresh = tmp_path / "fresh.key"
    run("keys", "new", "--party", party.did, "--out", fresh)
    kid = json.loads(fresh.read_text())["kid"]
    apply = ("keys", "register", fresh, "--lost", "--url", server)
    assert run(*apply).code == 2, "with a reason"
    lost = (*apply, "--reason", "The phone with our only key is gone.", "--json")

    def waits():
        return at(admin_token, "keys", "lost", "list", "--state", "waiting", "--json").json["applications"][0]["id"]

    assert run(*lost).json == {"kid": kid, "state": "waiting", "receipt": None}
    refused = at(admin_token, "keys", "lost", "refuse", waits(), "--reason", "Nobody there knows of it.", "--json")
    assert (refused.code, refused.json["state"]) == (0, "refused")
    assert run(*lost).code == 0
    assert len(at(token, "keys", "lost", "list", "--json").json["applications"]) == 2
    said = ("--method", "telephone", "--reason", "The manager read the thumbprint.")
    first = at(admin_token, "keys", "lost", "approve", waits(), *said)
    assert (first.code, "another admin has to agree" in first.out) == (0, True)
    done = at(second_admin_token, "keys", "lost", "approve", waits(), *said, "--json")
    assert (done.code, done.json["kid"], done.json["state"]) == (0, kid, "active")


def test_the_command_offers_the_ways_of_checking_that_the_service_knows():
    assert METHODS == lost_keys.METHODS


def test_sites_from_json_csv_and_xlsx(at, mine, keyfile, tmp_path):
    from openpyxl import Workbook

    party, token = mine
    key = keyfile(party)
    header = ["uri", "country", "subdivision", "latitude", "longitude", "valid_from"]
    row = ["https://id.mine.example/site/csv", "CD", "CD-NK", "-1.5", "28.2", "2026-01-01"]
    (tmp_path / "s.csv").write_text(",".join(header) + "\n" + ",".join(row) + "\n")
    done = at(token, "sites", "register", tmp_path / "s.csv", "--key", key, "--json")
    assert (done.code, [list(one) for one in done.json]) == (0, [["uri", "state", "receipt"]])
    assert (done.json[0]["uri"], done.json[0]["state"]) == (row[0], "registered")
    book = Workbook()
    book.active.append(header)
    book.active.append(["https://id.mine.example/site/xlsx", *row[1:]])
    book.save(tmp_path / "s.xlsx")
    assert at(token, "sites", "register", tmp_path / "s.xlsx", "--key", key).code == 0
    (tmp_path / "s.json").write_text(json.dumps([{"uri": "https://id.mine.example/site/json", "country": "CD"}]))
    assert at(token, "sites", "register", tmp_path / "s.json", "--key", key).code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("uri,country,latitude\nhttps://id.x/1,CD,north\n", "row 2, column latitude"),
        ("uri,country,colour\nhttps://id.x/1,CD,red\n", "colour"),
        ("name\nx\n", "with uri and country"),
        ("", "empty"),
        ("uri,country\nhttps://id.mine.example/1,CD\n\nhttps://id.x/1,Congo\n", "row 4, column country"),
    ],
)
def test_bad_tables_of_sites(at, mine, keyfile, tmp_path, content, said):
    party, token = mine
    (tmp_path / "s.csv").write_text(content)
    done = at(token, "sites", "register", tmp_path / "s.csv", "--key", keyfile(party), "--json")
    assert (done.code, said in done.err) == (2, True), done.err


def test_capture_of_several_files_one_of_them_bad(at, mine, keyfile, tmp_path):
    party, token = mine
    event = {
        "type": "ObjectEvent", "eventTime": "2026-11-20T08:00:00+01:00", "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE", "bizStep": "shipping",
        "quantityList": [{"epcClass": "https://id.mine.example/lot/1", "quantity": 12.5, "uom": "KGM"}],
    }  # fmt: skip
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-11-20T09:00:00Z", "epcisBody": {"eventList": [event]},
    }  # fmt: skip
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(document))
    bad.write_text(json.dumps(document | {"schemaVersion": 2}))
    done = at(token, "capture", bad, tmp_path / "absent.json", good, "--key", keyfile(party), "--json")
    assert done.code == 2
    assert [(row["file"], row["success"], row["capture_id"] is None) for row in done.json] == [
        (str(bad), False, True), (str(tmp_path / "absent.json"), False, True), (str(good), True, False),
    ]  # fmt: skip
    assert done.json[0]["errors"][0].keys() == {"path", "message"}
    assert "bad.json" in done.err
    assert "absent.json" in done.err


def test_events_from_the_template(run, at, mine, keyfile, tmp_path):
    from traceability.events.sheet_columns import COLUMNS

    party, token = mine
    assert run("events", "template", "--out", tmp_path / "t.xlsx").code == 0
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    assert run("events", "template", "--out", tmp_path / "t.csv").code == 0
    assert run("events", "template", "--out", tmp_path / "t.csv").code == 2, "nothing is overwritten"
    header = (tmp_path / "t.csv").read_text().strip().split(",")
    assert header == [column.name for column in COLUMNS]
    sheet = tmp_path / "events.csv"
    cells = {"what": "weighing", "when": "2026-11-01T09:00", "zone": "+02:00", "quantity": "12.5",
             "batch": "https://id.mine.example/lot/1"}  # fmt: skip
    sheet.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    checked = run("events", "import", sheet, "--check", "--json")
    assert list(checked.json) == ["rows", "accepted", "errors", "captures"]
    assert checked.json == {"rows": 1, "accepted": 1, "errors": [], "captures": []}
    done = at(token, "events", "import", sheet, "--key", keyfile(party), "--json")
    assert done.code == 0, done.err
    assert len(done.json["captures"][0]["events"]) == 1
    sheet.write_text(",".join(cells) + "\n" + ",".join({**cells, "when": "soon"}.values()) + "\n")
    bad = at(token, "events", "import", sheet, "--key", keyfile(party, "2.key"), "--json")
    assert bad.code == 2
    assert (bad.json["accepted"], bad.json["captures"]) == (0, [])
    assert [list(error) for error in bad.json["errors"]] == [["row", "column", "message"]]
    assert bad.json["errors"][0]["row"] == 2
    assert run("events", "import", sheet).code == 2


@pytest.fixture
def one_event(tmp_path):
    sheet = tmp_path / "events.csv"
    sheet.write_text(
        "what,when,zone,quantity,batch\nweighing,2026-11-01T09:00,+02:00,12.5,https://id.mine.example/l/1\n"
    )
    return sheet


def test_more_rows_than_a_capture_takes_are_refused_before_anything_is_sent(at, mine, keyfile, tmp_path, counts):
    party, token = mine
    sheet, before = tmp_path / "many.csv", counts()
    rows = [f"weighing,2026-11-01T09:00,+02:00,12.5,https://id.mine.example/l/{n}\n" for n in range(501)]
    sheet.write_text("what,when,zone,quantity,batch\n" + "".join(rows))
    for arguments in ((), ("--check",)):
        done = at(token, "events", "import", sheet, "--key", keyfile(party, f"{len(arguments)}.key"), *arguments)
        assert (done.code, "at most 500" in done.err, "split it" in done.err) == (2, True, True)
    assert counts() == before
    sheet.write_text("what,when,zone,quantity,batch\n" + "".join(rows[:500]))
    done = at(token, "events", "import", sheet, "--key", keyfile(party), "--json")
    assert (done.code, len(done.json["captures"]), len(done.json["captures"][0]["events"])) == (0, 1, 500)


def test_what_was_captured_is_printed_though_the_receipts_cannot_be_had(
    at, mine, keyfile, one_event, monkeypatch, tmp_path
):
    from traceability.cli.remote import Remote
    from traceability.errors import Unavailable

    def lost(_self, _path):
        raise Unavailable("gone")

    monkeypatch.setattr(Remote, "get", lost)
    party, token = mine
    key = keyfile(party)
    done = at(token, "events", "import", one_event, "--key", key, "--json")
    assert (done.code, "is recorded" in done.err, "/receipts" in done.err) == (3, True, True)
    (capture,) = done.json["captures"]
    assert (done.json["accepted"], capture["success"], bool(capture["capture_id"])) == (1, True, True)
    assert [event["receipt"] for event in capture["events"]] == [None]
    again = at(token, "events", "import", one_event, "--key", key)
    assert (again.code, capture["capture_id"] in again.out or "capture " in again.out) == (3, True)


def test_an_import_that_is_refused_or_not_answered_says_what_became_of_it(at, mine, keyfile, one_event, monkeypatch):
    from traceability.cli.remote import Remote
    from traceability.errors import Unavailable

    party, token = mine
    key = keyfile(party)
    refused = at("trc_wrong", "events", "import", one_event, "--key", key, "--json")
    assert (refused.code, refused.json["accepted"], refused.json["captures"]) == (2, 0, [])
    assert "nothing of the 1 rows was captured" in at("trc_wrong", "events", "import", one_event, "--key", key).out

    def silent(*_arguments):
        raise Unavailable("no answer")

    monkeypatch.setattr(Remote, "send", silent)
    unknown = at(token, "events", "import", one_event, "--key", key)
    assert (unknown.code, "is not known" in unknown.out) == (3, True)


def test_users_over_the_api(at, admin_token, mine):
    _, token = mine
    made = at(admin_token, "users", "add", "carla d", "--role", "admin", "--json").json
    reset = at(admin_token, "users", "reset", "carla d", "--json").json
    assert made["name"] == reset["name"] == "carla d"
    assert made["password"] != reset["password"]
    assert at(admin_token, "users", "disable", "carla d", "--json").json == {"name": "carla d", "api_keys_ended": 0}
    assert at(token, "users", "reset", "carla d").code == 2
    assert at(admin_token, "users", "reset", "nobody").code == 2


def test_api_keys(run, server, make_user, make_party):
    user = make_user("supplier", party=make_party("Mine One"), name="bob")
    own = ("--url", server, "--user", "bob", "--password", user.password)
    made = run("api-keys", "new", "k", "--scope", "read", *own, "--json").json
    assert list(made) == ["id", "secret", "scopes"]
    listed = run("api-keys", "list", *own, "--json")
    assert [row["id"] for row in listed.json["api_keys"]] == [made["id"]]
    assert made["secret"] not in listed.out
    assert run("api-keys", "revoke", made["id"], *own, "--json").json == {"id": made["id"], "state": "revoked"}
    typed = run("api-keys", "list", "--url", server, "--user", "bob", typed="wrong\n")
    assert (typed.code, "name or password is wrong" in typed.err) == (2, True)


def test_lists_and_health(at, run, server, mine):
    _, token = mine
    assert at(token, "lists", "status", "--json").json == {"lists": []}
    found = run("health", "--url", server, "--json")
    assert (found.code, found.json["status"], found.json["database"]) == (0, "ok", "reachable")
    assert "ledger entries" in run("health", "--url", server).out


def test_nobody_answers(run, mine, keyfile, unused_port, tmp_path):
    party, token = mine
    url = f"http://127.0.0.1:{unused_port}"
    assert run("health", "--url", url).code == 3
    (tmp_path / "a.json").write_text("{}")
    files = (tmp_path / "a.json", tmp_path / "b.json")
    done = run("capture", *files, "--key", keyfile(party), "--url", url, "--token", token, "--json")
    assert (done.code, "does not answer" in done.err) == (3, True)
    assert [(row["file"], row["success"]) for row in done.json] == [(str(file), False) for file in files]
    assert "not sent" in done.json[1]["errors"][0]["message"]


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.mark.parametrize("url", ["ftp://x", "nix", "http://traceability.example", "file:///etc/passwd"])
def test_addresses_no_key_is_sent_to(run, url):
    done = run("parties", "list", "--url", url, "--token", "trc_x")
    assert done.code == 2
    assert "trc_x" not in done.err


def test_a_redirect_is_not_followed_with_the_key(run, httpd):
    done = run("lists", "status", "--url", httpd, "--token", "trc_x")
    assert done.code == 2
    assert "HTTP 302" in done.err


@pytest.fixture
def httpd():
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == "/v1/lists"
            self.send_response(302)
            self.send_header("Location", "/stolen")
            self.end_headers()

        def log_message(self, *_args):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
