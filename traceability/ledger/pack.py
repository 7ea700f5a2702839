"""Evidence packs: a ZIP bound to one checkpoint; its manifest names every file with its hash and is signed by the log.

Written so that the same content always gives the same bytes: sorted names, fixed times, fixed compression.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput, TooLarge
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.jose import sign_detached

FORMAT = "traceability-pack@v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"
CHECKPOINT, RECEIPTS, CONSISTENCY = "checkpoint", "receipts.jsonl", "consistency.jsonl"
EVENTS, REPORT = "events.jsonl", "report.pdf"
SUCCESSION = "succession.jsonl"
"""How the log's key came to follow earlier ones; only where it was rotated."""
TIMESTAMPS = "timestamps.jsonl"
"""Time-stamp tokens over the checkpoint, where there are any: lines with authority and token, as in a receipt."""
MAX_FILES = 50_000
MAX_BYTES = 2_000_000_000
"""Bytes of all files together, unpacked."""
MAX_RATIO = 250
"""How many times larger than the ZIP they may be, from ``_SMALL`` bytes on: receipts pack to about a twentieth."""
_SMALL = 100_000_000
_LOCAL, _DESCRIPTOR = 30, 24  # bytes of a file's own header, and at most of what a streamed file has behind it
_MAX_JSON = 500_000_000
_TIME = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}(/[A-Za-z0-9][A-Za-z0-9._-]{0,150}){0,3}")
_MEMBERS = frozenset(
    {"format", "log_key", "origin", "size", "root", "batch", "layer", "view", "importers", "as_of", "ends", "files"}
)


@dataclass(frozen=True, slots=True)
class Ends:
    """Batches that events of a pack name and none of them made, as the log knew it at the pack's head.

    They are spelled as in the events, scheme and host in lower case. Who signed the manifest says so; no proof does.
    """

    begins: tuple[str, ...] = ()
    """Those that no event made of which the reader may know: the chain begins there."""
    beside: tuple[str, ...] = ()
    """Those that came in from other chains: events made them that say nothing about the pack's batch."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Those that an event of the pack made under another spelling of their name, with that spelling."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"begins": list(self.begins), "beside": list(self.beside), "same": dict(self.same)}

    @classmethod
    def from_value(cls, value: Any) -> "Ends":
        """Read them from their parsed JSON.

        Raises:
            InvalidInput: another form.

        """
        if not isinstance(value, dict) or value.keys() != {"begins", "beside", "same"}:
            raise InvalidInput("manifest, ends: expected an object with begins, beside and same")
        begins, beside, same = value["begins"], value["beside"], value["same"]
        if not isinstance(begins, list) or not isinstance(beside, list) or not isinstance(same, dict):
            raise InvalidInput("manifest, ends: expected lists as begins and beside, an object as same")
        if not all(isinstance(text, str) for text in (*begins, *beside, *same.values())):
            raise InvalidInput("manifest, ends: expected names of batches as text")
        return cls(tuple(begins), tuple(beside), same)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack is about and holds; nothing in it is later than the checkpoint of ``size`` entries."""

    log_key: str
    origin: str
    size: int
    root: str
    """Base64, as in the checkpoint."""
    batch: str
    layer: str
    """"chain" or "private": what the one it was made for may see."""
    view: str
    """"everything", or "own chain": how much of the log's chains its reader may see at all."""
    importers: tuple[str, ...]
    """DIDs of the importers whose assessments and decisions it holds."""
    as_of: str
    """When the checkpoint was signed, RFC 3339 UTC."""
    ends: Ends
    """Where the chain begins, or goes on in other chains."""
    files: Mapping[str, str]
    """SHA-256 (hex) of every other file but the manifest's signature."""

    def to_json(self) -> bytes:
        """Return the bytes that are signed."""
        members = {name: getattr(self, name) for name in _MEMBERS - {"format", "ends"}}
        members |= {"format": FORMAT, "importers": list(self.importers), "files": dict(self.files)}
        members["ends"] = self.ends.as_dict()
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read a manifest; nothing is verified.

        Raises:
            InvalidInput: another form.

        """
        value = strict_json.loads(data, max_depth=4)
        if not isinstance(value, dict) or value.keys() != _MEMBERS or value["format"] != FORMAT:
            raise InvalidInput(f"expected a manifest of format {FORMAT} with {', '.join(sorted(_MEMBERS))}")
        value.pop("format")
        texts = [value[name] for name in ("log_key", "origin", "root", "batch", "layer", "view", "as_of")]
        files, importers = value["files"], value["importers"]
        if not isinstance(files, dict) or not isinstance(importers, list) or type(value["size"]) is not int:
            raise InvalidInput("manifest: expected files as object, importers as list, size as number")
        if not all(isinstance(text, str) for text in (*texts, *files.values(), *importers)):
            raise InvalidInput("manifest: expected text in all other members")
        return cls(**{**value, "importers": tuple(importers), "ends": Ends.from_value(value["ends"])})


def write_pack(files: Mapping[str, bytes], manifest: Manifest, key: LogKey) -> bytes:
    """Return the ZIP of ``files`` with the manifest (whose ``files`` it fills in) and the log's signature on it."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    body = Manifest(
        **{name: getattr(manifest, name) for name in _MEMBERS - {"format", "files"}}, files=hashes
    ).to_json()
    whole = {**files, MANIFEST: body, SIGNATURE: sign_detached(body, key.signer(), kid=key.name).encode()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(whole):
            if not _NAME.fullmatch(name):
                raise InvalidInput(f"a pack cannot hold a file called {name!r}")
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, whole[name], compresslevel=6)
    return target.getvalue()


def read_pack(data: bytes) -> dict[str, bytes]:
    """Return the files of a pack by name; nothing is verified.

    Raises:
        InvalidInput: it is no ZIP, or has names or entries a pack never has.
        TooLarge: it unpacks to more than a pack may have.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_infos(infos, len(data))
            _check_gaps(data, archive)
            return {info.filename: _unpacked(archive, info) for info in infos}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        if isinstance(error, InvalidInput | TooLarge):
            raise
        raise InvalidInput(f"expected an evidence pack as ZIP: {error}") from error


def json_lines(data: bytes) -> list[Any]:
    """Return the value of each line of a JSON Lines file.

    Raises:
        InvalidInput: a line is not JSON.

    """
    return [strict_json.loads(line, max_depth=40, max_string=_MAX_JSON) for line in data.split(b"\n") if line]


def _check_infos(infos: list[zipfile.ZipInfo], packed: int) -> None:
    names = [info.filename for info in infos]
    if len(names) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        raise TooLarge(f"expected a pack of at most {MAX_FILES} files and {MAX_BYTES} bytes")
    if sum(info.file_size for info in infos) > max(_SMALL, MAX_RATIO * packed):
        raise TooLarge(f"expected files of at most {MAX_RATIO} times the {packed} bytes of the pack")
    if len({name.lower() for name in names}) != len(names):
        raise InvalidInput("two files of the pack have the same name, or names that differ by case alone")
    if odd := [info.filename for info in infos if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)]:
        raise InvalidInput(f"a pack holds files stored or deflated; {odd[0][:100]!r} is packed otherwise")
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidInput(f"a pack holds no file called {name[:100]!r}")


def _check_gaps(data: bytes, archive: zipfile.ZipFile) -> None:
    """Check that no bytes lie between the files: another program might read files there that this one does not see."""
    place = 0
    for info in sorted(archive.infolist(), key=lambda one: one.header_offset):
        gap = info.header_offset - place
        if gap < 0 or gap > (_DESCRIPTOR if place else 0):
            raise InvalidInput(f"bytes before {info.filename} belong to no file of the pack")
        head = data[info.header_offset : info.header_offset + _LOCAL]
        extra = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        place = info.header_offset + _LOCAL + extra + info.compress_size
    if not 0 <= archive.start_dir - place <= _DESCRIPTOR or archive.comment:
        raise InvalidInput("bytes after the last file belong to no file of the pack")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise InvalidInput(f"{info.filename} has another length than the pack says")
    return data
