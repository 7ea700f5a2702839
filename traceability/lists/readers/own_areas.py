"""Our own tables of areas, with a source per row (data/risklists/areas in the seed's sources)."""

from traceability.lists.entries import ListEntry, Name
from traceability.lists.readers import table_text
from traceability.lists.readers.reading import Reading, key_of

_NEEDED = ("code", "country", "source")
_KEPT = ("minerals", "source_type", "url_or_act", "source_date", "retrieved")


def read(data: bytes, list_id: str) -> Reading:
    """Return one entry per row: an area and the source that names it; no source gives a first day.

    Raises:
        InvalidInput: it is no such table.

    """
    reading = Reading(list_id)
    for line, row in table_text.rows(data, _NEEDED):
        if "" in row or not row["code"]:
            reading.ask(f"line {line}", "row", ",".join(row.values()), "expected all columns and a code", lost=True)
            continue
        extra = {column: row[column].replace("|", " ") for column in _KEPT if row.get(column)}
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
