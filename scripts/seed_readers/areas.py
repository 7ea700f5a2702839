"""Our own two area tables, with a source per row."""

from pathlib import Path

from seed_readers.table import read_csv
from traceability.lists.entries import ListEntry, Name
from traceability.lists.readers.reading import Reading, key_of


def read_own(path: Path, list_id: str) -> Reading:
    """Return the rows of one of our own tables: an area and the source that names it; no source gives a first day."""
    reading = Reading(list_id)
    for row in read_csv(path):
        kept = ("minerals", "source_type", "url_or_act", "source_date", "retrieved")
        extra = {column: row[column].replace("|", " ") for column in kept if row.get(column)}
        reading.entries.append(
            ListEntry(
                list_id,
                f"{row['code']}/{key_of(row['code'], row.get('minerals', ''), row['source'])}",
                "area",
                names=(Name(row["country"]),) if "-" not in row["code"] else (),
                country=row["code"][:2],
                code=row["code"],
                source=row["source"],
                extra=extra,
            )
        )
    return reading
