"""Documents as files, named by the sha256 of their bytes, so that a name proves its content."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import fsspec

from traceability.errors import NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """A content-addressed store on any fsspec file system; ``file://`` by default."""

    def __init__(self, root: Path | str) -> None:
        fs, path = fsspec.core.url_to_fs(str(root))
        self._fs: Any = fs
        self._root: str = path

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their sha256 in hex; the same bytes again change nothing."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not self._fs.exists(path):
            self._make_root()
            self._fs.makedirs(self._fs._parent(path), exist_ok=True)  # noqa: SLF001  # fsspec's own way to a parent
            part = f"{path}.part"
            self._write(part, data)
            self._fs.mv(part, path)
            self._settle(Path(path).parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes.

        Raises:
            NotFound: no such file, or its bytes no longer have this sha256.

        """
        try:
            data: bytes = self._fs.cat_file(self._path(digest))
        except FileNotFoundError:
            raise NotFound(f"the file sha256:{digest} is not in the store") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise NotFound(f"the file sha256:{digest} is damaged: its bytes no longer give that hash")
        return data

    def delete(self, digest: str) -> None:
        """Delete the file; that it is gone already is as good."""
        path = self._path(digest)
        if self._fs.exists(path):
            self._fs.rm_file(path)

    def digests(self) -> list[str]:
        """Return the sha256 of every file in the store, in order."""
        names = (Path(path).name for path in self._fs.find(self._root))
        return sorted(name for name in names if _DIGEST.fullmatch(name))

    def _write(self, path: str, data: bytes) -> None:
        """Write a file; on a local disk it is there after a power cut too, since its row will be."""
        with self._fs.open(path, "wb") as file:
            file.write(data)
            if self._is_local:
                file.flush()
                os.fsync(file.fileno())

    def _settle(self, folder: Path) -> None:
        """Have the file's name, and a new folder's, outlive a power cut."""
        for place in (folder, folder.parent) if self._is_local else ():
            handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _make_root(self) -> None:
        """Make the folder of the store for its owner alone: what suppliers hand over is confidential."""
        if self._is_local:
            Path(self._root).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _is_local(self) -> bool:
        return "file" in self._fs.protocol

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"
