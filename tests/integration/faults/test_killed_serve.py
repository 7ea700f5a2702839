"""Fault 1 with the installed command: `traceability serve` is killed while senders post, and started again."""

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.receipt import Receipt

pytestmark = pytest.mark.slow
COMMAND = Path(sys.executable).with_name("traceability")
KILLS = 6


class Served:
    """`serve` in a process group of its own, so that a kill takes the web process and not only the one above it."""

    def __init__(self, place, secret):
        self.place, self.secret = place, secret
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = held.getsockname()[1]
        settings = place.settings
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACEABILITY_")}
        own = {"DATABASE_URL": settings.database_url, "STATE_DIR": settings.state_dir, "PORT": self.port}
        own |= {"LOG_ORIGIN": settings.log_origin, "THREADS": 4, "EMBEDDED_WORKER": "no"}
        self.env = kept | {f"TRACEABILITY_{name}": str(value) for name, value in own.items()}

    def start(self):
        self.process = subprocess.Popen(
            [COMMAND, "serve"], env=self.env, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(600):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None
            time.sleep(0.05)
        raise AssertionError("serve does not answer")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def connect(self):
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30))

    def ask(self, connection, method, path, body=None, headers=None):
        connection.request(method, path, body, {"Authorization": f"Bearer {self.secret}"} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture
def served(place, make_served_key):
    made = place("sqlite")
    running = Served(made, make_served_key(made))
    yield running
    if running.process.poll() is None:
        running.kill()


class Senders:
    """Post numbered documents from several threads until the server is gone; keep the receipts, and what has none."""

    def __init__(self, served, document):
        self.served, self.document = served, document
        self.place = served.place
        self.key = PrivateKey.load(Path(self.place.order["key"]))
        self.numbers, self.lock, self.missing = itertools.count(), threading.Lock(), set()

    def send(self, connection, number):
        body = self.document(number)
        jws = sign_detached(body, self.key, kid=self.key.kid)
        sent = {"Content-Type": "application/json", "X-JWS-Signature": jws}
        status, answer = self.served.ask(connection, "POST", "/epcis/capture", body, sent)
        assert status == 202, answer
        _, found = self.served.ask(connection, "GET", answer["receipts"])
        texts = [Receipt.from_json(json.dumps(one["receipt"]).encode()).to_json().decode() for one in found]
        with self.lock:
            assert self.place.receipts.setdefault(number, texts) == texts, "the same document has the same receipts"
            self.missing.discard(number)

    def send_missing(self):
        with self.served.connect() as connection:
            for number in sorted(self.missing):
                self.send(connection, number)

    def run(self):
        gone = contextlib.suppress(OSError, http.client.HTTPException, json.JSONDecodeError)
        with gone, self.served.connect() as connection:  # one kept open, as the senders of most captures have it
            while True:
                with self.lock:
                    number = next(self.numbers)
                    self.missing.add(number)
                self.send(connection, number)


def test_what_was_answered_outlives_the_server(served, document):
    chance, senders = random.Random(3), Senders(served, document)
    for _ in range(KILLS):
        served.start()
        senders.send_missing()
        threads = [threading.Thread(target=senders.run) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.05, 0.5))
        served.kill()
        for thread in threads:
            thread.join(30)
        served.place.check()
    served.start()
    senders.send_missing()
    served.kill()
    assert len(served.place.receipts) == next(senders.numbers), "each document has its receipts in the end"
    served.place.check()
