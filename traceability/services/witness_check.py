"""Whether witnesses contradict the log: asked once before a process writes, and told whenever one of them says so.

A witness remembers the log better than a machine that was put back together with everything on it (ledger.md 9). What
it says is not signed, so a single one stops nothing unless the operator's own quorum consists of it.
"""

import logging
import threading
import time
from dataclasses import replace

from traceability.errors import InvalidInput
from traceability.ledger.policy import Policy, Witness
from traceability.services.context import Service
from traceability.services.outgoing import outgoing
from traceability.services.witness_calls import Contradicted, ask, load_witnesses

_SECONDS = 4.0
_log = logging.getLogger(__name__)


def compare_with_witnesses(service: Service) -> None:
    """Ask every witness whether it has seen another or a longer log; who does not answer in time is not awaited.

    What is said replaces what was remembered; of who does not answer, what it said before stands.

    Raises:
        OSError: what was said cannot be kept.

    """
    try:
        policy = load_witnesses(service)
    except InvalidInput as error:
        _log.error("no witness is asked: %s", error.detail)  # the reason is the operator's to mend
        return
    answers: dict[str, str | None] = {}
    threads = [
        threading.Thread(target=_ask, args=(service, witness, answers), daemon=True)
        for witness in policy.witnesses.values()
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + _SECONDS + 1
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    before = service.contradictions.said()
    now = {name: answers.get(name, before.get(name)) for name in policy.witnesses}
    _keep(service, policy, {name: told for name, told in now.items() if told})


def tell(service: Service, policy: Policy, name: str, told: str | None) -> None:
    """Keep what a witness says against the log, or that it has cosigned and says nothing against it (None)."""
    before = service.contradictions.said()
    if told is None and name not in before:
        return
    now = {**before, name: told}
    _keep(service, policy, {name: told for name, told in now.items() if told and name in policy.witnesses})


def _keep(service: Service, policy: Policy, said: dict[str, str]) -> None:
    demanded = not policy.witnessed(())  # of a quorum of nobody nobody can say no
    service.contradictions.remember(said, stops=demanded and policy.witnessed(said))
    for name, told in said.items():
        _log.error("witness %s contradicts this log: %s", name, told)


def _ask(service: Service, witness: Witness, answers: dict[str, str | None]) -> None:
    try:
        ask(service, witness, replace(outgoing(service.settings), seconds=_SECONDS))
        answers[witness.name] = None
    except Contradicted as error:
        answers[witness.name] = error.detail
    except Exception as error:  # noqa: BLE001  # a witness may answer anything, and never stops the start
        _log.warning("witness %s could not be asked: %s", witness.name, error)
