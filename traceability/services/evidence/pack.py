"""Putting an evidence pack together: everything about a batch that its reader may see, as of one checkpoint."""

import re
from dataclasses import dataclass, replace

from sqlmodel import Session, select

from traceability.custody.closure import downstream, upstream
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.ledger.checkpoint import LogKey, read_checkpoint
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.pack import (
    CHECKPOINT,
    CONSISTENCY,
    RECEIPTS,
    REPORT,
    SUCCESSION,
    TIMESTAMPS,
    Manifest,
    write_pack,
)
from traceability.ledger.single_file import single_file
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.services.evidence import heads
from traceability.services.evidence.captured import add_captures
from traceability.services.evidence.draft import Draft
from traceability.services.evidence.ends import ends_of
from traceability.services.evidence.keys import key_files
from traceability.services.evidence.private import add_private
from traceability.services.evidence.proofs import Proofs
from traceability.services.evidence.readme import readme
from traceability.services.evidence.report import report
from traceability.services.evidence.runs import Scope
from traceability.services.facts.chain import StoredEvents, people
from traceability.services.mandates import PACK_READ, log_read, reader
from traceability.storage.store import Transaction
from traceability.storage.tables import Item, PackHead

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_END = 80  # characters of a batch's end in a file name


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as handed out: its bytes, the size of the log it is bound to, and the entry that stands for it."""

    data: bytes
    size: int
    batch: str
    as_of: str
    entry: int | None = None
    """Index of the ledger entry with its hash, which is after its head; None before there is one."""

    @property
    def name(self) -> str:
        """Return the file's name: the telling end of the batch, and the day its checkpoint was signed."""
        end = _NOT_IN_NAMES.sub("_", self.batch.rstrip("/").rpartition("/")[2])[-_LONGEST_END:]
        return f"pack-{end}-{self.as_of[:10]}.zip"

    @property
    def sha256(self) -> str:
        """Return the hash (base64url) that its ledger entry carries."""
        return digest(self.data)


def evidence_pack(
    service: Service, actor: Actor, batch: str, purpose: str | None = None, size: int | None = None
) -> Pack:
    """Return the evidence pack of a batch as of a stored checkpoint.

    Where no ``size`` is given it is the newest that a witness has cosigned, unless something of the pack is younger;
    then it is the newest. The same reader gets the same bytes for the same size. What it holds is logged, and its
    hash enters the ledger.

    Raises:
        Forbidden: the role may not read chains; or no mandate in force, or no purpose stated.
        NotFound: there is no such batch that the actor may see, or no checkpoint of that size.
        Unavailable: the report could not be set.

    """
    actor.require("chain", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    size = _bound(service, as_reader, batch, size)
    with service.store.read() as session:
        draft, files, _ = _gather(service, session, as_reader, batch, size)
    manifest = draft.manifest
    files |= {REPORT: report(draft), "README.txt": readme(draft)}
    pack = Pack(write_pack(files, manifest, _signer(service, manifest)), manifest.size, draft.key, manifest.as_of)
    if mandate is not None:
        detail = {"purpose": purpose, "size": pack.size, "sha256": pack.sha256}
        log_read(service, actor, PACK_READ, batch, mandate, detail, [one.importer.id for one in draft.records])
    return replace(pack, entry=service.store.write(lambda tx: _enter(service, tx, actor, pack)))


def _enter(service: Service, tx: Transaction, actor: Actor, pack: Pack) -> int:
    who = service.who(actor.party_id) if actor.party_id else None
    return tx.log.append(Entry(kind="evidence-pack", body=pack.sha256, who=who, at=milliseconds(tx.now)))


def _bound(service: Service, actor: Actor, batch: str, size: int | None) -> int:
    """Return the size that a pack is bound to, whose head is kept from now on as packs show it."""
    with service.store.read() as session:
        require_visible(session, actor, batch)
        chosen, cosigned = heads.stored(session, size).size, heads.newest_cosigned(session)
    _keep(service, chosen)
    if size is None and cosigned is not None and cosigned < chosen:
        with service.store.read() as session:
            _, _, last = _gather(service, session, actor, batch, chosen)
        chosen = cosigned if last < cosigned else chosen
        _keep(service, chosen)
    return chosen


def _keep(service: Service, size: int) -> None:
    with service.store.read() as session:
        kept = session.get(PackHead, size) is not None
    if not kept:
        service.store.write(lambda tx: heads.keep(tx, size))


def _gather(
    service: Service, session: Session, actor: Actor, batch: str, size: int
) -> tuple[Draft, dict[str, bytes], int]:
    """Return what needs the database: what the report is made of, the pack's other files, and its last entry."""
    view = require_visible(session, actor, batch)
    checkpoint = heads.stored(session, size)
    proofs = Proofs(service, session, checkpoint)
    known, key = people(session, checkpoint), normalise(batch)
    lookup = StoredEvents(session, view, known, checkpoint.size)
    up, down = upstream(lookup, [key]), downstream(lookup, [key])
    recorded = {one.index: one for one in (*up.recorded, *down.recorded)}
    if not recorded:
        raise NotFound(f"no event about {batch[:200]} stood in the log of {checkpoint.size} entries")
    files = add_captures(session, view, proofs, recorded)
    scope = Scope(key, up.batches, checkpoint.size)
    layer = add_private(service, session, actor, scope, files, proofs)
    files |= key_files(session, proofs) | proofs.erasures()
    manifest = Manifest(
        log_key=proofs.log_key, origin=read_checkpoint(proofs.note).origin, size=checkpoint.size,
        root=b64(bytes(checkpoint.root)), batch=session.exec(select(Item.uri).where(Item.key == key)).one(),
        layer="private" if layer.records else "chain", view="everything" if view.everything else "own chain",
        importers=tuple(one.importer.did for one in layer.records), files={},
        ends=ends_of(lookup, recorded.values()),
        as_of=checkpoint.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )  # fmt: skip
    draft = Draft.of(manifest, key, (up, down), recorded, known, layer, private=actor.may("private"))
    files |= {
        CHECKPOINT: proofs.note.encode(),
        CONSISTENCY: proofs.consistency(),
        RECEIPTS: proofs.to_jsonl(),
        "policy.txt": f"log {proofs.log_key}\nquorum none\n".encode(),
        "verify.py": single_file().encode(),
        **{name: data for name, data in ((TIMESTAMPS, proofs.timestamps), (SUCCESSION, proofs.succession())) if data},
    }
    return draft, files, proofs.last


def _signer(service: Service, manifest: Manifest) -> LogKey:
    """Return the key that signed the pack's head: it signs the manifest too, so that one pinned key opens both."""
    key = service.log_keys.find(manifest.log_key)
    if key is None:
        _ = service.log_key  # where it is the one that signs now, it tells which file is missing here
        raise NotFound(f"the log key of {manifest.size} entries is no longer here; ask without a size")
    return key
