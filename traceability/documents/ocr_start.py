"""``python -I -m traceability.documents.ocr_start PROGRAM ARGUMENT...``: take the limits of a reader, become PROGRAM.

The program that recognises characters is not ours and reads a supplier's picture: it gets no network, no files to
write, no processes of its own, and the time and memory of a parser (documents.md 4).
"""

import os
import sys

from traceability.documents import limits


def main(command: list[str]) -> None:
    """Lock this process down, then run ``command`` in its place; it inherits stdin and stdout."""
    limits.lock_down(limits.PARSE_BYTES)
    limits.renew_cpu()
    os.execv(command[0], command)  # noqa: S606 - an absolute path that the parent found, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
