"""Captures over connections that are kept open, as a system that reports all day sends them."""

import contextlib
import http.client
import itertools
import json
import signal
import socket
import sys
import threading

import pytest

from traceability.config import load_settings
from traceability.ledger.jose import sign_detached
from traceability.services.context import open_service
from traceability.services.fsck import fsck

pytestmark = pytest.mark.slow
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]
SENDERS, EACH = 12, 8


class Installation:
    """A service that runs, and a party that captures there."""

    def __init__(self, place):
        factories = sys.modules["traceability_factories"]
        self.place = place
        assert place.run("migrate").returncode == 0
        service = self.opened()
        self.party = factories.new_party(service)
        self.secret = factories.new_api_key(service, self.party).secret
        service.close()
        self.process = place.serve()

    def opened(self):
        own = {name: value for name, value in self.place.env.items() if name.startswith("TRACEABILITY_")}
        return open_service(load_settings(own))

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", int(self.place.env["TRACEABILITY_PORT"]), timeout=60)

    def request(self, number, signed=None):
        """Return headers and body of a capture of one event."""
        body = document(number)
        jws = sign_detached(signed or body, self.party.key, kid=self.party.key.kid)
        headers = {
            "Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", "X-JWS-Signature": jws,
        }  # fmt: skip
        return headers, body

    def ask(self, connection, number, signed=None):
        headers, body = self.request(number, signed)
        connection.request("POST", "/epcis/capture", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def document(number):
    event = {
        "type": "ObjectEvent", "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": "2026-11-20T08:00:00Z", "eventTimeZoneOffset": "+00:00", "action": "ADD", "bizStep": "commissioning",
        "quantityList": [{"epcClass": f"https://id.example/lot/{number}", "quantity": 100, "uom": "KGM"}],
    }  # fmt: skip
    head = {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0"}
    head["creationDate"] = "2026-11-20T08:00:00Z"
    return json.dumps(head | {"epcisBody": {"eventList": [event]}}).encode()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, make_place, make_database):
    return Installation(make_place(make_database(request.param)))


def test_many_senders_get_the_answers_that_are_theirs(installation):
    found, lock = {}, threading.Lock()

    def send(first):
        connection = installation.connect()
        for number in range(first, first + EACH):
            status, answer = installation.ask(connection, number)
            with lock:
                found[number] = (status, answer)
        connection.close()

    threads = [threading.Thread(target=send, args=(first,)) for first in range(0, SENDERS * EACH, EACH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {number: (status, answer["events"][0]["event_id"]) for number, (status, answer) in found.items()} == {
        number: (202, f"urn:uuid:00000000-0000-4000-8000-{number:012d}") for number in range(SENDERS * EACH)
    }
    assert installation.place.stop(installation.process) == 0
    service = installation.opened()
    assert fsck(service, deep=True).problems == []
    service.close()


def test_one_connection_is_refused_asks_other_things_and_goes_on(installation, request):
    connection = installation.connect()
    request.addfinalizer(connection.close)
    assert installation.ask(connection, 1)[0] == 202
    held = connection.sock
    status, problem = installation.ask(connection, 2, signed=b"something else")
    assert (status, problem["status"]) == (403, 403)
    connection.request("GET", "/health")
    assert json.loads(connection.getresponse().read())["status"] == "ok"
    status, problem = installation.ask(connection, 1)
    assert status == 202, "the same again is answered the same"
    headers, body = installation.request(3)
    connection.request("POST", "/epcis/capture", b"{", headers)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["status"]) == (403, 403)
    connection.request("POST", "/epcis/capture", body, headers)
    answer = connection.getresponse()
    assert answer.status == 202
    assert answer.headers["Location"].startswith("/epcis/capture/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    answer.read()
    assert connection.sock is held, "all on one connection"


def test_captures_sent_ahead_are_answered_in_order(installation):
    texts = []
    for number in (1, 2, 3):
        headers, body = installation.request(number)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        close = "Connection: close\r\n" if number == 3 else ""
        first = f"POST /epcis/capture HTTP/1.1\r\nHost: x\r\n{close}{head}Content-Length: {len(body)}\r\n\r\n"
        texts.append(first.encode() + body)
    with socket.create_connection(("127.0.0.1", int(installation.place.env["TRACEABILITY_PORT"])), 60) as plug:
        plug.sendall(b"".join(texts))
        answers = b""
        while piece := plug.recv(1 << 16):
            answers += piece
    assert answers.count(b"HTTP/1.1 202 ") == 3
    places = [answers.index(f"00000000-0000-4000-8000-{number:012d}".encode()) for number in (1, 2, 3)]
    assert places == sorted(places)


def test_a_stopped_service_has_recorded_what_it_answered(installation):
    answered, lock = [], threading.Lock()

    def send(first):
        with contextlib.closing(installation.connect()) as connection:
            for number in itertools.count(first):
                try:
                    status, _ = installation.ask(connection, number)
                except (OSError, http.client.HTTPException):
                    return
                assert status == 202
                with lock:
                    answered.append(number)

    threads = [threading.Thread(target=send, args=(first,)) for first in range(0, 8_000, 1_000)]
    for thread in threads:
        thread.start()
    while len(answered) < 50:
        assert any(thread.is_alive() for thread in threads)
    assert installation.place.stop(installation.process, signal.SIGTERM) == 0
    for thread in threads:
        thread.join(60)
    service = installation.opened()
    with service.store.read() as session:
        rows = session.connection().exec_driver_sql("SELECT event_id FROM event").scalars().all()
    assert {int(row[-12:]) for row in rows} >= set(answered)
    service.close()
