"""Does the stored signature still verify, and does it still cover what the event row says? (INT-SIGNATURE)."""

from typing import Any

from sqlmodel import Session, select

from traceability import strict_json
from traceability.custody.model import Verdict
from traceability.errors import TraceabilityError
from traceability.events.reading import event_list
from traceability.ledger import credential as vc
from traceability.ledger import jose
from traceability.ledger.keys import PublicKey
from traceability.services.content import content_digest, identified, in_context
from traceability.services.disputes import compromised, compromised_at
from traceability.services.event_rows import parsed
from traceability.services.signed import ENVELOPED
from traceability.storage.tables import Capture, CounterSignature, Event, PartyKey


class Verdicts:
    """Checks each capture once a run, and each event against the bytes that were signed."""

    def __init__(self, session: Session, until: int | None = None) -> None:
        self._session = session
        self._contents: dict[str, tuple[str | None, list[dict[str, Any]] | None]] = {}
        self._keys: dict[str, PartyKey | None] = {}
        self._compromised = compromised(session) if until is None else compromised_at(session, until)

    def of(self, event: Event) -> Verdict:
        """Return invalid, key_revoked or ok for a stored event; of an erased one what was found before it went."""
        if event.erased_index is not None:
            return self._erased(event)
        if not self._covers(event, event.content):
            return "invalid"
        if content_digest(strict_json.stored(event.body)) != event.content:
            return "invalid"
        return "key_revoked" if self._compromised.disputes(event.key_id, event.index) else "ok"

    def holds(self, besides: CounterSignature, event: Event) -> bool:
        """Tell whether a counter-signature still verifies over this event, with a key that is not disputed."""
        return self._covers(besides, event.content) and not self.disputes(besides)

    def disputes(self, besides: CounterSignature) -> bool:
        """Tell whether the key of a counter-signature is reported as compromised since its entry or an earlier one."""
        return self._compromised.disputes(besides.key_id, besides.entry_index)

    def disputes_credential(self, event: Event) -> bool:
        """Tell whether the relayed signature of an event is disputed; its key is read from the credential itself.

        One whose key is known no more by that name, or whose bytes were erased, is disputed as soon as any key is:
        unknown is not good.
        """
        if event.credential_by is None or not self._compromised.since:
            return False
        if event.erased_index is not None:
            return True
        token = parsed(event).crm("eventCredential")
        try:
            kid = jose.read_compact(token.encode()).kid if isinstance(token, str) else ""
        except TraceabilityError:
            return True
        key_id = self._session.exec(select(PartyKey.id).where(PartyKey.kid == kid)).one_or_none()
        return key_id is None or self._compromised.disputes(key_id, event.index)

    def _covers(self, signed: Event | CounterSignature, content: str) -> bool:
        """Tell whether the capture that a row names verifies, by the key and party it names, and says this content."""
        if (last := self._last_verdict(signed)) is not None:
            return last == "ok"
        if signed.capture_id not in self._contents:
            self._contents[signed.capture_id] = self._signed_contents(signed.capture_id)
        key_id, contents = self._contents[signed.capture_id]
        key = self._key(key_id)
        if (signed.key_id, signed.signer_id) != (key_id, key and key.party_id):
            return False  # who signed stands in columns of its own, and the signature has to bear it out
        if contents is None or signed.position >= len(contents) or not contents[signed.position]:
            return False
        return identified(contents[signed.position])[1] == content

    def _erased(self, event: Event) -> Verdict:
        if self._last_verdict(event) not in ("ok", "unsigned"):
            return "invalid"
        return "key_revoked" if self._compromised.disputes(event.key_id, event.index) else "ok"

    def _last_verdict(self, signed: Event | CounterSignature) -> str | None:
        """Return what was found of the signature when its bytes were erased; None while they are there."""
        capture = self._session.get(Capture, signed.capture_id)
        return None if capture is None or capture.erased_index is None else capture.last_verdict

    def _signed_contents(self, capture_id: str) -> tuple[str | None, list[dict[str, Any]] | None]:
        """Return the key of a capture, and the events in the bytes that verify, if they do."""
        capture = self._session.get(Capture, capture_id)
        if capture is None:
            return None, None
        try:
            data = self._verified(capture)
        except TraceabilityError:
            return capture.key_id, None
        context = data.get("@context")
        return capture.key_id, [
            in_context(event, context) if isinstance(event, dict) else {} for event in event_list(data)
        ]

    def _verified(self, capture: Capture) -> Any:
        key = self._key(capture.key_id)
        body = bytes(capture.body)
        if key is None:
            return strict_json.stored(body)
        enveloped = capture.media_type == ENVELOPED
        signed = jose.read_compact(body) if enveloped else jose.read_detached(capture.jws, body)
        jose.verify(signed, PublicKey.from_jwk(key.jwk))
        data = strict_json.stored(signed.payload)
        return vc.credential_of(data).subject if enveloped else data

    def _key(self, key_id: str | None) -> PartyKey | None:
        if key_id is None:
            return None
        if key_id not in self._keys:
            self._keys[key_id] = self._session.get(PartyKey, key_id)
        return self._keys[key_id]
