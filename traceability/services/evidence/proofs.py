"""Proofs of many entries against one checkpoint, each as a receipt that names the file of the pack it is about."""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import NotFound
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry
from traceability.ledger.keys import PublicKey
from traceability.ledger.receipt import Included, make_receipt
from traceability.ledger.tiles import TileTree
from traceability.services import log_keys
from traceability.services.context import Service
from traceability.services.receipts import cosigned_note, tile_reader, timestamps
from traceability.services.revocation import history_at
from traceability.storage.tables import Checkpoint, LedgerEntry, PartyKey

_MOST_HEADS = 10_000


class Proofs:
    """The lines of ``receipts.jsonl``: every one is checked while it is made, so nothing false is handed out."""

    def __init__(self, service: Service, session: Session, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.note = cosigned_note(session, checkpoint)
        self.timestamps = _jsonl(one.as_dict() for one in timestamps(session, checkpoint.size))
        self.keys: dict[str, PartyKey] = {}
        self._past = log_keys.changes(session)
        self.log_key = log_keys.signer_at(service, session, checkpoint.size, self._past)
        """Verifier key that signed the checkpoint."""
        self._session = session
        self._tree = TileTree(tile_reader(session), checkpoint.size)
        self._lines: list[tuple[int, dict[str, Any]]] = []

    def add(
        self,
        index: int,
        about: str,
        body: bytes,
        *,
        file: str | None,
        jws: str | None = None,
        key_id: str | None = None,
    ) -> None:
        """Prove the entry at ``index``, which stands for ``body``; without ``file`` the pack holds its hash alone."""
        key = self._key(key_id)
        signer = None
        if key is not None and key.added_index is not None:
            state = history_at(self._session, key, self.checkpoint.size).state_at(index)
            signer = (PublicKey.from_jwk(key.jwk), state, self._included(key.added_index))
        receipt = make_receipt(
            log_key=self.log_key, checkpoint=self.note, included=self._included(index), body=digest(body), jws=jws,
            signer=signer,
        )  # fmt: skip
        self._lines.append((index, {"file": file, "about": about, "receipt": receipt.as_dict()}))

    def to_jsonl(self) -> bytes:
        """Return the receipts in the order of the log."""
        return _jsonl(line for _, line in sorted(self._lines, key=lambda pair: pair[0]))

    def consistency(self) -> bytes:
        """Return proofs from the heads whose receipts were given for these entries, so that those can be compared."""
        indices = [index for index, _ in self._lines]
        after = sa.func.min(Checkpoint.size)
        heads: set[int] = set()
        for index in sorted(indices)[:_MOST_HEADS]:
            size = self._session.exec(select(after).where(col(Checkpoint.size) > index)).one()
            heads |= {size} if size < self.checkpoint.size else set()
        proved = ((size, self._tree.consistency(size, self.checkpoint.size)) for size in sorted(heads))
        return _jsonl({"size": size, "proof": [b64(one) for one in proof]} for size, proof in proved)

    def succession(self) -> bytes:
        """Return how the log's key follows earlier ones, for who has pinned one of those; empty where none is."""
        return _jsonl(link.as_dict() for link in log_keys.links(self._session, self._tree, self._past))

    def entry(self, index: int) -> bytes:
        """Return the bytes of an entry; raises NotFound for one after the checkpoint."""
        entry = self._session.get(LedgerEntry, index)
        if entry is None or index >= self.checkpoint.size:
            raise NotFound(f"no entry {index} stands in the log of {self.checkpoint.size} entries")
        return bytes(entry.body)

    def body_at(self, index: int) -> str:
        """Return the hash of what an entry stands for; raises as ``entry``."""
        return Entry.parse(self.entry(index)).body

    def _included(self, index: int) -> Included:
        return Included(index, self.entry(index), self._tree.inclusion(index, self.checkpoint.size))

    def _key(self, key_id: str | None) -> PartyKey | None:
        if key_id is not None and key_id not in self.keys:
            self.keys[key_id] = self._session.get_one(PartyKey, key_id)
        return self.keys.get(key_id or "")


def _jsonl(rows: Iterable[Any]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n" for row in rows)
