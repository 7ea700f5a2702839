"""Proofs of many entries against one checkpoint, each as a receipt that names the file of the pack it is about."""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import orjson
from sqlmodel import Session, col, select

from traceability.errors import NotFound
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry
from traceability.ledger.history import KeyHistory
from traceability.ledger.keys import PublicKey
from traceability.ledger.receipt import ErasedNotice, Included, make_receipt
from traceability.ledger.tiles import TileTree
from traceability.services import log_keys
from traceability.services.context import Service
from traceability.services.evidence.heads import shown
from traceability.services.receipts import notice, tile_reader
from traceability.services.revocation import history_at
from traceability.storage.ids import id_set
from traceability.storage.tables import Checkpoint, Erasure, LedgerEntry, PartyKey

_MOST_HEADS = 10_000


class Proofs:
    """The lines of ``receipts.jsonl``: every one is checked while it is made, so nothing false is handed out."""

    def __init__(self, service: Service, session: Session, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.note, self.timestamps = shown(session, checkpoint)
        self.keys: dict[str, PartyKey] = {}
        self._past = log_keys.changes(session)
        self.log_key = log_keys.signer_at(service, session, checkpoint.size, self._past)
        """Verifier key that signed the checkpoint."""
        self._session = session
        self._tree = TileTree(tile_reader(session), checkpoint.size)
        self._lines: list[tuple[int, dict[str, Any]]] = []
        self._notices: set[int] = set()
        self._entries: dict[int, bytes] = {}
        self._brought: dict[str, tuple[KeyHistory, Included]] = {}

    def add(
        self,
        index: int,
        about: str,
        body: bytes | str,
        *,
        file: str | None,
        jws: str | None = None,
        key_id: str | None = None,
    ) -> None:
        """Prove the entry at ``index``, which stands for ``body``; without ``file`` the pack holds its hash alone.

        Of an erased body only its hash is left, as text.
        """
        key = self._key(key_id)
        signer = None
        if key is not None and key.added_index is not None:
            life, added = self._life(key)
            signer = (PublicKey.from_jwk(key.jwk), life.state_at(index), added)
        receipt = make_receipt(
            log_key=self.log_key, checkpoint=self.note, included=self._included(index), jws=jws, signer=signer,
            body=body if isinstance(body, str) else digest(body),
        )  # fmt: skip
        receipt = replace(receipt, erased=self._erased(index) if isinstance(body, str) else None)
        if receipt.erased is not None:
            self._notices |= {receipt.erased.entry, receipt.erased.verdict_entry}
        self._lines.append((index, {"file": file, "about": about, "receipt": receipt.as_dict()}))

    def add_hash(self, index: int, about: str, *, jws: str | None = None, key_id: str | None = None) -> None:
        """Prove an entry of whose bytes the pack holds nothing but the hash that stands in it."""
        self.add(index, about, self.body_at(index), file=None, jws=jws, key_id=key_id)

    @property
    def last(self) -> int:
        """Return the largest index of an entry that is proved."""
        return max((index for index, _ in self._lines), default=-1)

    def to_jsonl(self) -> bytes:
        """Return the receipts in the order of the log."""
        return _jsonl(line for _, line in sorted(self._lines, key=lambda pair: pair[0]))

    def erasures(self) -> dict[str, bytes]:
        """Return the records behind the erasure entries that the receipts name, each with its own proof."""
        files = {}
        for place in sorted(self._notices):
            name, record = f"erasures/{place}.json", self._session.get_one(Erasure, place).record.encode()
            self.add(place, "what was erased when its retention ended", record, file=name)
            files[name] = record
        return files

    def consistency(self) -> bytes:
        """Return proofs from the heads whose receipts were given for these entries, so that those can be compared."""
        indices = sorted(index for index, _ in self._lines)[:_MOST_HEADS]
        between = col(Checkpoint.size).between(indices[0] + 1, self.checkpoint.size)
        sizes = self._session.exec(select(Checkpoint.size).where(between).order_by(col(Checkpoint.size))).all()
        heads = {sizes[bisect_right(sizes, index)] for index in indices} - {self.checkpoint.size}
        proved = ((size, self._tree.consistency(size, self.checkpoint.size)) for size in sorted(heads))
        return _jsonl({"size": size, "proof": [b64(one) for one in proof]} for size, proof in proved)

    def succession(self) -> bytes:
        """Return how the log's key follows earlier ones, for who has pinned one of those; empty where none is."""
        return _jsonl(link.as_dict() for link in log_keys.links(self._session, self._tree, self._past))

    def entry(self, index: int) -> bytes:
        """Return the bytes of an entry; raises NotFound for one after the checkpoint."""
        if index not in self._entries:
            self.read_ahead([index])
        if index not in self._entries:
            raise NotFound(f"no entry {index} stands in the log of {self.checkpoint.size} entries")
        return self._entries[index]

    def read_ahead(self, indices: Collection[int]) -> None:
        """Read many entries at once: a pack of 10,000 events would ask for each by itself."""
        wanted = id_set({one for one in indices if one < self.checkpoint.size}, self._session.get_bind().dialect.name)
        query = select(LedgerEntry.index, LedgerEntry.body).where(col(LedgerEntry.index).in_(wanted))
        self._entries |= {index: bytes(body) for index, body in self._session.exec(query)}

    def _life(self, key: PartyKey) -> tuple[KeyHistory, Included]:
        """Return the life of a key and the entry that brought it; many entries are signed by one."""
        if key.id not in self._brought:
            life = history_at(self._session, key, self.checkpoint.size)
            self._brought[key.id] = (life, self._included(key.added_index or 0))
        return self._brought[key.id]

    def body_at(self, index: int) -> str:
        """Return the hash of what an entry stands for: of an erased body it is all there is; raises as ``entry``."""
        return Entry.parse(self.entry(index)).body

    def _erased(self, index: int) -> ErasedNotice | None:
        """Return what the log said of an erased body by then: nothing in a pack is later than its checkpoint."""
        found = notice(self._session, index)
        return found if found is not None and found.entry < self.checkpoint.size else None

    def _included(self, index: int) -> Included:
        return Included(index, self.entry(index), self._tree.inclusion(index, self.checkpoint.size))

    def _key(self, key_id: str | None) -> PartyKey | None:
        if key_id is not None and key_id not in self.keys:
            self.keys[key_id] = self._session.get_one(PartyKey, key_id)
        return self.keys.get(key_id or "")


def _jsonl(rows: Iterable[Any]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n" for row in rows)
