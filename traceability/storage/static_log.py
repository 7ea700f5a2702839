"""A copy of a log as files, under the paths of C2SP tlog-tiles: any web server can serve the folder as it is."""

import os
import shutil
from pathlib import Path


class StaticLog:
    """The folder of one copy. Paths come from `TilePlace` and are never a caller's text."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, path: str) -> bytes | None:
        """Return the bytes of a resource; None where there is none."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, path: str, data: bytes) -> None:
        """Keep a resource durably: a reader sees the old file or the new one, and so it is after a power cut."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
        _flush_folder(file.parent)

    def drop(self, path: str) -> None:
        """Forget a resource, or all below it."""
        place = self._folder / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
