"""Publishing our checkpoints: the log's second signature, then witnesses (C2SP tlog-witness); capture never waits."""

import logging
import threading

from traceability.errors import InvalidInput
from traceability.ledger.policy import Policy, Witness
from traceability.services.context import Service
from traceability.services.outgoing import Backoff
from traceability.services.second_signature import sign_second
from traceability.services.witness_calls import Contradicted, load_witnesses, newest, submit
from traceability.services.witness_check import tell
from traceability.storage.tables import Checkpoint

_log = logging.getLogger(__name__)


def follow_witnesses(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, sign each published checkpoint once more and submit it. To be run in a thread of its own."""
    try:
        policy = load_witnesses(service)
    except InvalidInput as error:
        _log.error("no witness is asked: %s", error.detail)  # the reason is the operator's to mend
        policy = Policy(())
    states: dict[str, Backoff] = {}
    while policy.witnesses or service.settings.second_signature:
        head = publish(service)
        submit_all(service, policy, states, head)
        if stop.wait(service.settings.witness_seconds):
            return


def publish(service: Service) -> Checkpoint | None:
    """Return the newest checkpoint, signed a second time where the settings want it; None where nothing is to publish.

    A failure is logged and no more: the first signature stands, and the next round tries again.
    """
    head = None
    try:
        with service.store.read() as session:
            head = newest(session)
        if head is not None and service.settings.second_signature:
            sign_second(service, head)
    except Exception:  # noqa: BLE001  # nothing that is wrong with the second key may stop the log
        _log.exception("the newest checkpoint has no second signature")
    return head


def submit_all(
    service: Service, policy: Policy, states: dict[str, Backoff] | None = None, head: Checkpoint | None = None
) -> dict[str, str]:
    """Submit ``head``, or the newest checkpoint, to each witness that has not cosigned it and is due; say what came."""
    states = {} if states is None else states
    said = {}
    for name, witness in policy.witnesses.items():
        state = states.setdefault(name, Backoff())
        if state.is_due(service.clock()):
            said[name] = _one(service, policy, witness, state, head)
    return said


def _one(service: Service, policy: Policy, witness: Witness, state: Backoff, head: Checkpoint | None) -> str:
    try:
        size = submit(service, witness, head)
        if size is not None:
            tell(service, policy, witness.name, None)
    except Exception as error:  # noqa: BLE001  # a witness may answer anything, and never stops the next one
        state.failed(service.clock())
        _log.warning("witness %s did not cosign: %s", witness.name, error)
        if isinstance(error, Contradicted):
            tell(service, policy, witness.name, error.detail)
        return str(error)
    state.succeeded()
    return "nothing new" if size is None else f"cosigned {size}"
