"""What the child process that touches a supplier's file may use (documents.md 4).

Imports are trusted and done first; then these limits are set, then the first untrusted byte is read. The address
space is counted from what the interpreter has mapped by then, so that the allowance is the document's own.
"""

import contextlib
import ctypes
import os
import resource

MAX_FILE_BYTES = 50_000_000
MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000
MAX_OUTPUT_BYTES = 160_000_000
WALL_SECONDS = 30.0
CPU_SECONDS = 20
START_SECONDS = 60.0
DOCUMENTS_PER_CHILD = 50
PARSE_BYTES = 1_000_000_000
OFFICE_BYTES = 512_000_000
SCREEN_BYTES = 2_000_000_000

_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER_AND_NET = 0x10000000 | 0x40000000


def lock_down(address_space: int) -> None:
    """Give up privileges, network, files and processes for good; call once, after every import."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # A name space without network interfaces. Kernels that forbid it to ordinary users leave the other limits.
    libc.unshare(_CLONE_NEWUSER_AND_NET)
    for kind, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    limit_memory(address_space)


def limit_memory(allowance: int) -> None:
    """Allow ``allowance`` bytes of address space beyond what is mapped now."""
    # The limit counts whole mappings, and spaCy's libraries map 350 MB they never touch.
    wanted = _mapped_bytes() + allowance
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def renew_cpu() -> None:
    """Allow this process ``CPU_SECONDS`` more; beyond them the kernel ends it with SIGXCPU."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime) + 1 + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _mapped_bytes() -> int:
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - one line of a pseudo file
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 400_000_000
