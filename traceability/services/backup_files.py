"""The supplier documents of a backup: every file is copied before the database, and settled by it afterwards.

In this order what the copy of the database needs is in the copy, whatever is uploaded or erased meanwhile: a file that
an erasure takes before the snapshot is named erased by it, and one taken later was copied by then.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, inspect, text

from traceability.errors import NotFound
from traceability.storage.files import FileStore

_KNOWN = text("SELECT DISTINCT sha256 FROM document")
_STANDING = text("SELECT DISTINCT sha256 FROM document WHERE erased_index IS NULL")


def copy_files(source: FileStore, target: FileStore) -> dict[str, str]:
    """Copy every file of a store, and return what is wrong with each that could not be, by its sha256."""
    return _copy(source, target, source.digests())


def settle_files(source: FileStore, target: FileStore, connection: Connection, failed: Mapping[str, str]) -> list[str]:
    """Make copied files those of a copied database, and return what is wrong with them.

    Copied is what was uploaded since, and dropped what was erased. ``failed`` is what ``copy_files`` gave: with a file
    that the database names erased nothing is wrong, and one that it needs is tried again.
    """
    known, standing = _documents(connection)
    there = set(target.digests())
    for digest in sorted(there & (known - standing)):
        target.delete(digest)
    wrong = {digest: told for digest, told in failed.items() if digest not in known}
    wrong |= _copy(source, target, sorted(standing - there))
    return [wrong[digest] for digest in sorted(wrong)]


def _copy(source: FileStore, target: FileStore, digests: Iterable[str]) -> dict[str, str]:
    wrong = {}
    for digest in digests:
        try:
            target.put(source.get(digest))
        except NotFound as error:
            wrong[digest] = error.detail
    return wrong


def _documents(connection: Connection) -> tuple[set[str], set[str]]:
    """Return the files of all documents, and of those that were not erased; an older copy knows of no erasure."""
    known = set(connection.execute(_KNOWN).scalars())
    columns = {column["name"] for column in inspect(connection).get_columns("document")}
    return known, set(connection.execute(_STANDING).scalars()) if "erased_index" in columns else known
