"""A process to be killed: it imports once, and forks a child for each order, so that a child starts at once.

An order to ``prepare`` it does itself: it captures a document in a place that nobody else uses, so that a child is not
the first to map the tables and to compile the statements.

Orders come as JSON over the socket on file descriptor 0, each with the write end of a pipe for the child's lines. What a
child has written there before it is killed is what its caller knows of it, as a sender knows the answers it has got.
"""

import contextlib
import importlib.util
import itertools
import json
import os
import resource
import socket
import sys
import threading
import time
from pathlib import Path

from traceability.config import Settings
from traceability.errors import TraceabilityError
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.services.access import SCOPES, Actor
from traceability.services.backup import owning
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import open_service
from traceability.services.receipts import event_receipt
from traceability.storage.failures import unavailable

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]


def document(number):
    """The document of a number is always the same, and so is its signature: 1 to 3 events, or 300 from 5000 on."""
    events = [
        {
            "type": "ObjectEvent", "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:08d}{position:04d}",
            "eventTime": "2026-11-20T08:00:00Z", "eventTimeZoneOffset": "+00:00", "action": "ADD",
            "bizStep": "commissioning", "quantityList": [
                {"epcClass": f"https://id.example/lot/{number}-{position}", "quantity": 100, "uom": "KGM"}
            ],
        }
        for position in range(300 if number >= 5000 else 1 + number % 3)
    ]  # fmt: skip
    head = {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0"}
    head["creationDate"] = "2026-11-20T08:00:00Z"
    return json.dumps(head | {"epcisBody": {"eventList": events}}).encode()


class Sender:
    """One party that captures numbered documents, and tells what it asked and what it was answered."""

    def __init__(self, order, tell):
        self.order, self.tell = order, tell
        self.key = PrivateKey.load(Path(order["key"]))
        self.actor = Actor(order["actor"], "a key", "supplier", order["party"], frozenset(SCOPES))

    @property
    def settings(self):
        named = {name: self.order[name] for name in ("database_url", "log_origin")}
        return Settings(state_dir=Path(self.order["state_dir"]), **named)

    def open(self):
        return open_service(self.settings)

    @contextlib.contextmanager
    def owning(self, purpose):
        """Own the database as `serve` does; who is refused tells why and ends."""
        try:
            owned = contextlib.ExitStack()
            owned.enter_context(owning(self.settings, purpose))
        except TraceabilityError as error:
            self.tell(owned=error.detail)
            os._exit(3)
        with owned:
            yield

    def send(self, service, number):
        """Capture a document and get its receipts; only then it is said to be acknowledged."""
        body = document(number)
        self.tell(asked=number)
        captured = capture(
            service, self.actor,
            CaptureRequest(body, "application/json", sign_detached(body, self.key, kid=self.key.kid)),
        )  # fmt: skip
        self.tell(answered=number, events=[[one.event_id, one.index] for one in captured.events])
        receipts = [event_receipt(service, self.actor, one.index).to_json().decode() for one in captured.events[-3:]]
        self.tell(acknowledged=number, receipts=receipts)

    def tries(self, service, number):
        """Send a document; where the machine fails tell what a caller would be answered, and whether a tree is kept."""
        try:
            self.send(service, number)
        except Exception as error:
            found = error if isinstance(error, TraceabilityError) else unavailable(error)
            if found is None:
                raise
            has_tree = service.store._log._tree is not None
            self.tell(refused=number, status=found.status, detail=found.detail, has_tree=has_tree)
            return False
        return True

    def low(self):
        """Return the limit that leaves almost nothing above what is used now."""
        if self.order["limit"] == "RLIMIT_FSIZE":
            return Path(self.settings.database_url.removeprefix("sqlite:///") + "-wal").stat().st_size + 5000
        if self.order["limit"] == "RLIMIT_NOFILE":
            return len(list(Path("/proc/self/fd").iterdir())) - 1
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + self.order["spare"]


def work_capture(sender):
    """Send what is to be sent again, then new documents from several threads until killed."""
    order = sender.order
    with sender.owning("serve"):
        service = sender.open()
        sender.tell(ready=os.getpid())
        for number in order["again"]:
            sender.send(service, number)
        sender.tell(again="done")
        numbers = itertools.count(order["first"])

        def run():
            while True:
                if not sender.tries(service, next(numbers)):
                    time.sleep(0.25)  # as a sender that is told to try again later

        for _ in range(order["threads"]):
            threading.Thread(target=run, daemon=True).start()
        threading.Event().wait()


def work_some(sender):
    """Wait for the starting shot, then send documents and end in order; refusals are told and tried once more."""
    service = sender.open()
    sender.tell(ready=os.getpid())
    os.read(sender.order["shot"], 1)
    for number in sender.order["numbers"]:
        try:
            sender.send(service, number)
        except TraceabilityError as error:
            sender.tell(refused=number, status=error.status, detail=error.detail)
            sender.send(service, number)
    service.close()
    sender.tell(closed=True)


def work_hold(sender):
    """Take the head row's lock, tell the database's process, and hold it until killed."""
    service = sender.open()

    def hold(tx):
        _ = tx.now
        backend = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        sender.tell(holding=backend)
        threading.Event().wait()

    service.store.write(hold)


def work_stubborn(sender):
    """Send documents one after the other, each until it is taken: the disk may be full or broken for a while."""
    service = sender.open()
    sender.tell(ready=os.getpid())
    for number in sender.order["numbers"]:
        for _ in range(20):
            if sender.tries(service, number):
                break
        else:
            sender.tell(never=number)
    service.close()
    sender.tell(closed=True)


def work_limited(sender):
    """Send documents while a limit of the operating system is low, then again when it is as before."""
    service, order = sender.open(), sender.order
    sender.send(service, order["numbers"][0])
    number = getattr(resource, order["limit"])
    soft, hard = resource.getrlimit(number)
    service.store.reader_engine.dispose()  # so that reading needs a new connection, which is a file
    resource.setrlimit(number, (sender.low(), hard))
    for place in order["numbers"]:
        sender.tries(service, place)
    resource.setrlimit(number, (soft, hard))
    for place in order["numbers"]:
        sender.send(service, place)
    service.close()
    sender.tell(closed=True)


def _child(order, out, shot):
    lock = threading.Lock()

    def tell(**what):
        with lock:
            data = json.dumps(what).encode() + b"\n"
            while data:
                data = data[os.write(out, data) :]

    order["shot"] = shot
    globals()[f"work_{order['work']}"](Sender(order, tell))


def _prepare(order):
    """Do once what the first capture of a process has to do; what is opened is closed again before anybody is forked."""
    contextlib.ExitStack().enter_context(_compiled_once())
    sender = Sender(order, lambda **_: None)
    service = sender.open()
    sender.send(service, 0)
    service.close()


def _compiled_once():
    spec = importlib.util.spec_from_file_location("compiled", Path(__file__).parents[2] / "compiled.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.compiled_once()


def main():
    plug = socket.socket(fileno=0)
    while True:
        data, fds, _, _ = socket.recv_fds(plug, 1 << 16, 2)
        if not data:
            return
        order = json.loads(data)
        if "wait" in order:
            plug.send(json.dumps({"status": os.waitpid(order["wait"], 0)[1]}).encode())
            continue
        if "prepare" in order:
            _prepare(order["prepare"])
            plug.send(json.dumps({"threads": threading.active_count()}).encode())
            continue
        pid = os.fork()
        if pid == 0:
            plug.close()
            try:
                _child(order, fds[0], fds[1] if len(fds) > 1 else -1)
            except BaseException:  # noqa: BLE001  # a child never returns into the loop of its parent
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        for fd in fds:
            os.close(fd)
        plug.send(json.dumps({"pid": pid}).encode())


if __name__ == "__main__":
    main()
