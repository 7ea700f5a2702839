"""What witnesses say against the log: asked before the first write; a quorum stops writing, less is only told."""

import contextlib
import dataclasses
import threading

import pytest

from tests.unit.services.test_witnessing import STRANGER, append, kept, lying, serving
from traceability.app import create_app
from traceability.cli.witness_app import create_witness_app
from traceability.errors import Unavailable
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import sign_checkpoint
from traceability.ledger.cosignature import CosigningKey
from traceability.services import witness_calls, witness_check, witnessing
from traceability.services.witness_check import compare_with_witnesses
from traceability.services.witness_host import WitnessHost
from traceability.storage.quarantine import Quarantined
from traceability.storage.tables import Checkpoint
from traceability.storage.witness_files import WitnessFiles

SAYS_MORE = "it says it has cosigned 9 entries, this log has 3"


@pytest.fixture
def settings(database_url, make_settings, tmp_path):
    return make_settings(database_url, private_addresses=True, witnesses=tmp_path / "witnesses")


@pytest.fixture
def witnesses(service, tmp_path, clock):
    """``witnesses(*names, quorum="any 1")`` starts real witnesses, names them in the policy file, returns their files."""
    with contextlib.ExitStack() as stack:

        def start(*names, quorum=None):
            hosts, lines = [], []
            for name in names:
                key = CosigningKey.generate(f"witness.example/{name}")
                logs = {service.settings.log_origin: [service.log_key.verifier]}
                host = WitnessHost((key,), logs, WitnessFiles(tmp_path / name), clock)
                url = stack.enter_context(serving(create_witness_app(host)))
                hosts.append(host.files)
                lines.append(f"witness {name} {key.public.vkey} {url}")
            group = f"group all {quorum or len(names)} {' '.join(names)}"
            end = ["quorum none"] if quorum == 0 else [group, "quorum all"]
            service.settings.witnesses.write_text("\n".join([*lines, *end]) + "\n")
            return hosts

        yield start


def has_seen(service, files, size, root=bytes(32)):
    head = Head(service.settings.log_origin, size, root)
    files.remember(head.origin, sign_checkpoint(head, service.log_key))


def health(service):
    return create_app(service=service).test_client().get("/health").json


@pytest.mark.parametrize(
    ("size", "why"),
    [(9, SAYS_MORE), (3, "it answered 409: what it has cosigned is not the beginning"), (2, "it answered 422")],
)
def test_where_the_quorum_has_seen_another_log_nothing_is_written(service, witnesses, open_at, clock, size, why):
    append(service, 3)
    (files,) = witnesses("W")
    has_seen(service, files, size)
    compare_with_witnesses(service)
    with pytest.raises(Quarantined, match=f"a quorum of the witnesses contradicts this log .W: {why}"):
        append(service)
    with pytest.raises(Quarantined):
        open_at(service.settings, clock).store.check()  # every process of the installation
    found = health(service)
    assert (found["status"], found["ledger"]["size"]) == ("degraded", 3)
    assert why in found["quarantine"]
    assert why in found["witnesses"]["W"]


def test_an_older_copy_whose_cosignatures_came_back_with_it_is_found(service, witnesses):
    """The database knows that its head is cosigned; only the witness knows of what came later."""
    append(service, 3)
    (files,) = witnesses("W")
    policy = witness_calls.load_witnesses(service)
    witnessing.submit_all(service, policy)
    assert [size for size, _ in kept(service)] == [3]
    has_seen(service, files, 9)
    assert witnessing.submit_all(service, policy) == {"W": "nothing new"}
    compare_with_witnesses(service)
    with pytest.raises(Quarantined, match=SAYS_MORE):
        append(service)


def test_less_than_the_quorum_is_told_and_stops_nothing(service, witnesses, caplog):
    append(service, 3)
    liar, _, _ = witnesses("A", "B", "C", quorum=2)
    has_seen(service, liar, 9)
    compare_with_witnesses(service)
    append(service)
    found = health(service)
    assert (found["status"], "quarantine" in found, list(found["witnesses"])) == ("degraded", False, ["A"])
    assert "witness A contradicts this log" in caplog.text


def test_without_a_quorum_nothing_a_witness_says_stops_writing(service, witnesses):
    append(service, 3)
    (files,) = witnesses("W", quorum=0)
    has_seen(service, files, 9)
    compare_with_witnesses(service)
    append(service)
    assert SAYS_MORE in health(service)["witnesses"]["W"]


def test_the_second_of_a_quorum_says_so_while_the_service_runs(service, witnesses, clock):
    append(service, 3)
    first, second = witnesses("A", "B")
    has_seen(service, first, 9)
    compare_with_witnesses(service)
    append(service)
    has_seen(service, second, 9)
    clock.advance(seconds=60)
    witnessing.submit_all(service, witness_calls.load_witnesses(service))
    with pytest.raises(Quarantined, match=r"A: .*; B: "):
        append(service)


def test_witnesses_that_agree_let_it_go_on_and_end_what_they_said(service, witnesses):
    append(service, 3)
    (files,) = witnesses("W")
    has_seen(service, files, 9)
    compare_with_witnesses(service)
    with service.store.read() as session:
        note = session.get(Checkpoint, 3).note
    files.remember(service.settings.log_origin, note)  # the newest copy was put in place: what it has seen is there
    compare_with_witnesses(service)
    append(service)
    assert "witnesses" not in health(service)
    assert not service.contradictions.path.exists()


def test_a_cosignature_while_it_runs_ends_what_a_witness_said(service, witnesses):
    append(service, 3)
    (files,) = witnesses("W", quorum=0)
    has_seen(service, files, 9)
    compare_with_witnesses(service)
    with service.store.read() as session:
        files.remember(service.settings.log_origin, session.get(Checkpoint, 3).note)
    assert witnessing.submit_all(service, witness_calls.load_witnesses(service)) == {"W": "cosigned 3"}
    assert "witnesses" not in health(service)


def test_what_was_said_stands_while_its_witness_is_gone_and_ends_with_its_line(service, witnesses):
    append(service, 3)
    (files,) = witnesses("W")
    has_seen(service, files, 9)
    compare_with_witnesses(service)
    path = service.settings.witnesses
    line, *rest = path.read_text().splitlines()
    gone = " ".join([*line.split()[:3], "http://127.0.0.1:1"])
    path.write_text("\n".join([gone, *rest]) + "\n")
    compare_with_witnesses(service)
    with pytest.raises(Quarantined):
        append(service)
    path.write_text("quorum none\n")
    compare_with_witnesses(service)
    append(service)


def test_one_that_does_not_answer_stops_nothing_and_is_not_awaited(service, key_of_nobody, monkeypatch):
    append(service, 3)
    monkeypatch.setattr(witness_check, "_SECONDS", 0.2)
    hold = threading.Event()
    with lying(lambda _body: hold.wait(10) or (200, b"", {})) as url:
        policy = f"witness slow {key_of_nobody} {url}\nquorum slow\n"
        service.settings.witnesses.write_text(policy)
        compare_with_witnesses(service)
        assert not hold.is_set(), "it was not awaited"
        hold.set()
    append(service)
    assert "witnesses" not in health(service)


@pytest.fixture
def key_of_nobody():
    return STRANGER.public.vkey


def test_another_process_that_submitted_more_is_no_contradiction(service, witnesses):
    """The head this process has read is older than what the witness has cosigned meanwhile; the log has it."""
    append(service, 3)
    witnesses("W")
    witness = witness_calls.load_witnesses(service).witnesses["W"]
    with service.store.read() as session:
        read = session.get(Checkpoint, 3)
    append(service, 2)
    with service.store.read() as session:
        body = witness_calls._request(service, session.get(Checkpoint, 5), 0)
    status, _ = witness_calls._post(witness, body, witness_calls.outgoing(service.settings))
    assert status == 200
    assert witness_calls.submit(service, witness, read) == 5
    assert [size for size, _ in kept(service)] == [5]


def test_an_empty_log_and_a_file_that_cannot_be_read_stop_nothing(service, witnesses, caplog):
    compare_with_witnesses(service)
    assert "no witness is asked" in caplog.text
    (files,) = witnesses("W")
    has_seen(service, files, 9)
    compare_with_witnesses(service)
    append(service)


def test_what_cannot_be_kept_ends_neither_the_follower_nor_goes_unsaid(service, witnesses, caplog):
    append(service, 3)
    (files,) = witnesses("W")
    has_seen(service, files, 9)
    service.contradictions.path.with_name("witnesses.json.new").mkdir()
    said = witnessing.submit_all(service, witness_calls.load_witnesses(service))
    assert SAYS_MORE in said["W"]
    assert "what witness W says could not be kept" in caplog.text
    with pytest.raises(Unavailable, match=r"cannot be kept in .*witnesses\.json"):
        compare_with_witnesses(service)


def test_what_is_kept_is_of_this_origin_and_damage_stops(service):
    kept_file = service.contradictions
    kept_file.change(lambda _before: ({"W": "more"}, True))
    assert "W: more" in kept_file.problem()
    other = dataclasses.replace(service, contradictions=type(kept_file)(kept_file.path, "other.example/log"))
    assert (other.contradictions.problem(), other.contradictions.said()) == (None, {})
    for damage in (b"", b"{", b"[]", b'{"said": 3}', b"\xff"):
        kept_file.path.write_bytes(damage)
        assert "cannot be read" in type(kept_file)(kept_file.path, kept_file.origin).problem()
