"""Whether witnesses contradict the log: asked once before a process writes, and told whenever one of them says so.

A witness remembers the log better than a machine that was put back together with everything on it (ledger.md 9). What
it says is not signed, so a single one stops nothing unless the operator's own quorum consists of it.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from traceability.errors import InvalidInput, Unavailable
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
        Unavailable: what was said cannot be kept.

    """
    try:
        policy = load_witnesses(service)
    except InvalidInput as error:
        _log.error("no witness is asked: %s", error.detail)  # the reason is the operator's to mend
        return
    if not policy.witnesses and not service.contradictions.said():
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
    try:
        _keep(service, policy, lambda before: {name: answers.get(name, before.get(name)) for name in policy.witnesses})
    except OSError as error:
        raise Unavailable(
            f"what witnesses say cannot be kept in {service.contradictions.path} ({error.strerror}); other processes "
            "would not know of it. Mend that folder, and start again"
        ) from error


def tell(service: Service, policy: Policy, name: str, told: str | None) -> None:
    """Keep what a witness says against the log, or that it has cosigned and says nothing against it (None).

    A failure to keep it is logged and no more: the witness is asked again.
    """
    if told is None and name not in service.contradictions.said():
        return
    try:
        _keep(service, policy, lambda before: {**before, name: told})
    except OSError:
        _log.exception("what witness %s says could not be kept: %s", name, told)


def _keep(service: Service, policy: Policy, now: Callable[[Mapping[str, str]], Mapping[str, str | None]]) -> None:
    demanded = not policy.witnessed(())  # of a quorum of nobody nobody can say no

    def change(before: Mapping[str, str]) -> tuple[Mapping[str, str], bool]:
        said = {name: told for name, told in now(before).items() if told and name in policy.witnesses}
        return said, demanded and policy.witnessed(said)

    for name, told in service.contradictions.change(change).items():
        _log.error("witness %s contradicts this log: %s", name, told)


def _ask(service: Service, witness: Witness, answers: dict[str, str | None]) -> None:
    try:
        ask(service, witness, replace(outgoing(service.settings), seconds=_SECONDS))
        answers[witness.name] = None
    except Contradicted as error:
        answers[witness.name] = error.detail
    except Exception as error:  # noqa: BLE001  # a witness may answer anything, and never stops the start
        _log.warning("witness %s could not be asked: %s", witness.name, error)
