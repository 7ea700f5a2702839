"""Putting an evidence pack together: everything about a batch that its reader may see, as of one checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from traceability.custody.closure import downstream, upstream
from traceability.custody.model import Recorded
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.ledger.checkpoint import LogKey, read_checkpoint
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.pack import CHECKPOINT, CONSISTENCY, RECEIPTS, SUCCESSION, TIMESTAMPS, Manifest, write_pack
from traceability.ledger.single_file import single_file
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.services.evidence.keys import key_files
from traceability.services.evidence.private import add_private
from traceability.services.evidence.proofs import Proofs
from traceability.services.evidence.readme import readme
from traceability.services.facts.chain import StoredEvents, people
from traceability.services.mandates import log_read, reader
from traceability.services.signed import ENVELOPED
from traceability.services.visible import View
from traceability.storage.ids import id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import Capture, Checkpoint, CounterSignature, Event, Item, Party


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as handed out: its bytes, and the size of the log it is bound to."""

    data: bytes
    size: int
    batch: str

    @property
    def sha256(self) -> str:
        """Return the hash (base64url) that its ledger entry carries."""
        return digest(self.data)


def evidence_pack(
    service: Service, actor: Actor, batch: str, purpose: str | None = None, size: int | None = None
) -> Pack:
    """Return the evidence pack of a batch as of a stored checkpoint, the newest where no ``size`` is given.

    The same reader gets the same bytes for the same size. What it holds is logged, and its hash enters the ledger.

    Raises:
        Forbidden: the role may not read chains; or no mandate in force, or no purpose stated.
        NotFound: there is no such batch that the actor may see, or no checkpoint of that size.

    """
    actor.require("chain", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    with service.store.read() as session:
        pack, importers = _build(service, session, as_reader, batch, size)
    if mandate is not None:
        detail = {"purpose": purpose, "size": pack.size, "sha256": pack.sha256}
        log_read(service, actor, "evidence pack", batch, mandate, detail, [one.id for one in importers])
    service.store.write(lambda tx: _enter(service, tx, actor, pack))
    return pack


def _enter(service: Service, tx: Transaction, actor: Actor, pack: Pack) -> int:
    who = service.who(actor.party_id) if actor.party_id else None
    return tx.log.append(Entry(kind="evidence-pack", body=pack.sha256, who=who, at=milliseconds(tx.now)))


def _build(
    service: Service, session: Session, actor: Actor, batch: str, size: int | None
) -> tuple[Pack, Sequence[Party]]:
    view = require_visible(session, actor, batch)
    checkpoint = _checkpoint(session, size)
    proofs = Proofs(service, session, checkpoint)
    lookup, key = StoredEvents(session, view, people(session)), normalise(batch)
    up, down = upstream(lookup, [key]), downstream(lookup, [key])
    recorded = {one.index: one for one in (*up.recorded, *down.recorded) if one.index < checkpoint.size}
    if not recorded:
        raise NotFound(f"no event about {batch[:200]} stood in the log of {checkpoint.size} entries")
    files = _captures(session, view, proofs, recorded)
    importers = add_private(service, session, actor, key, files, proofs)
    files |= key_files(session, proofs)
    uri = session.exec(select(Item.uri).where(Item.key == key)).one()
    manifest = Manifest(
        log_key=proofs.log_key, origin=read_checkpoint(proofs.note).origin, size=checkpoint.size,
        root=b64(bytes(checkpoint.root)), batch=uri, layer="private" if importers else "chain",
        importers=tuple(one.did for one in importers), files={},
        as_of=checkpoint.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )  # fmt: skip
    files |= {
        CHECKPOINT: proofs.note.encode(),
        CONSISTENCY: proofs.consistency(),
        RECEIPTS: proofs.to_jsonl(),
        "policy.txt": f"log {proofs.log_key}\nquorum none\n".encode(),
        "verify.py": single_file().encode(),
        "README.txt": readme(manifest, len(recorded)),
        **({TIMESTAMPS: proofs.timestamps} if proofs.timestamps else {}),
    }
    succession = proofs.succession()
    files |= {SUCCESSION: succession} if succession else {}
    return Pack(write_pack(files, manifest, _signer(service, proofs)), checkpoint.size, key), importers


def _signer(service: Service, proofs: Proofs) -> LogKey:
    """Return the key that signed the pack's head: it signs the manifest too, so that one pinned key opens both."""
    key = service.log_keys.find(proofs.log_key)
    if key is None:
        raise NotFound(f"the log key of {proofs.checkpoint.size} entries is no longer here; ask without a size")
    return key


def _checkpoint(session: Session, size: int | None) -> Checkpoint:
    query = select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)
    found = session.exec(query).first() if size is None else session.get(Checkpoint, size)
    if found is None:
        raise NotFound(f"no checkpoint was signed at {size} entries" if size else "nothing is recorded yet")
    return found


def _captures(session: Session, view: View, proofs: Proofs, recorded: dict[int, Recorded]) -> dict[str, bytes]:
    """Add the captures of the events; one that holds what the reader may not see is represented by its hash."""
    dialect = session.get_bind().dialect.name
    wanted = id_set(recorded, dialect)
    events = session.exec(select(Event).where(col(Event.index).in_(wanted))).all()
    besides = session.exec(select(CounterSignature).where(col(CounterSignature.event_index).in_(wanted))).all()
    named = {event.index: event.event_id for event in events}
    signed = [(event.index, event.capture_id, event.index) for event in events]
    signed += [
        (one.entry_index, one.capture_id, one.event_index)
        for one in besides
        if one.entry_index < proofs.checkpoint.size
    ]
    files: dict[str, bytes] = {}
    whole: dict[str, str | None] = {}
    for index, capture_id, event_index in signed:
        capture = session.get_one(Capture, capture_id)
        body = bytes(capture.body)
        if capture_id not in whole:
            whole[capture_id] = _file(session, view, capture, recorded)
        name = whole[capture_id]
        if name is not None:
            files[name] = body
            files |= {f"signatures/{capture.sha256}.jws": capture.jws.encode()} if capture.jws else {}
        proofs.add(
            index, f"event {named[event_index]}", body, file=name, jws=capture.jws, key_id=capture.key_id
        )  # fmt: skip
    return files


def _file(session: Session, view: View, capture: Capture, recorded: dict[int, Recorded]) -> str | None:
    """Return under what name a capture goes into the pack; None where it holds events that the reader may not see."""
    if not view.everything and capture.party_id != view.party_id:
        inside = set(session.exec(select(Event.index).where(Event.capture_id == capture.id)))
        besides = session.exec(select(CounterSignature.event_index).where(CounterSignature.capture_id == capture.id))
        if not {*inside, *besides} <= recorded.keys() or capture.event_count > len({*inside, *besides}):
            return None
    return f"captures/{capture.sha256}.{'jwt' if capture.media_type == ENVELOPED else 'json'}"
