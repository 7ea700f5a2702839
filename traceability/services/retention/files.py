"""Deleting the files of erased documents: after the commit, as a job, so that it is tried again until it is done."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from traceability.services.context import Service
from traceability.services.worker import handler
from traceability.storage.store import Transaction
from traceability.storage.tables import Document


@handler("delete_file")
def delete_file(service: Service, args: Mapping[str, Any]) -> None:
    """Delete a file no document needs: the same bytes may be another party's, or have been handed over again."""
    sha256 = str(args["sha256"])

    def change(tx: Transaction) -> None:
        _ = tx.now  # takes the lock: an upload of the same bytes is before this, or after it and puts them again
        query = select(Document.id).where(Document.sha256 == sha256, col(Document.erased_index).is_(None))
        if tx.session.exec(query.limit(1)).first() is None:
            service.files.delete(sha256)

    service.store.write(change)
