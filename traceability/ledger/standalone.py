"""The verifier as a program of its own: receipts and evidence packs, without the service and without a network.

`single_file` puts it and all it needs into one file: Python 3.11, its standard library and `cryptography` run it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.encoding import digest
from traceability.ledger.policy import Policy
from traceability.ledger.verify import Verdict, verify_receipt
from traceability.ledger.verify_case import EventId, StampCheck
from traceability.ledger.verify_pack import verify_pack

_ZIP = b"PK\x03\x04"


def is_pack(data: bytes) -> bool:
    """Return whether this is a pack, and no receipt."""
    return data.startswith(_ZIP)


def verify_file(
    data: bytes,
    policy: Policy | None,
    receipts: Sequence[bytes] = (),
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
    packs: Mapping[str, str] | None = None,
) -> Verdict:
    """Return the verdict on a receipt or a pack; each is also compared with those of the other kind given beside it."""
    if is_pack(data):
        return verify_pack(data, policy=policy, older=receipts, event_id=event_id, check_stamp=check_stamp)
    return verify_receipt(data, policy=policy, event_id=event_id, check_stamp=check_stamp, packs=packs)


def packs_among(files: Iterable[tuple[Path, bytes]]) -> dict[str, str]:
    """Return the names of those files that are packs, by their SHA-256 (base64url)."""
    return {digest(data): str(path) for path, data in files if is_pack(data)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the files named on the command line; 0 all verify, 1 one does not, 2 the call is wrong."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify receipts and evidence packs offline.")
    parser.add_argument("files", nargs="+", metavar="RECEIPT.json|PACK.zip", type=Path)
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--policy", type=Path, help="file with 'log VKEY', 'witness NAME VKEY', 'quorum NAME|none'")
    trust.add_argument("--pin", help="verifier key of the log, got elsewhere than from the file")
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    options = parser.parse_args(arguments)
    try:
        data, policy = [path.read_bytes() for path in options.files], _policy(options)
    except (OSError, TraceabilityError) as error:
        sys.stderr.write(f"verify.py: {error}\n")
        return 2
    receipts = [one for one in data if not is_pack(one)]
    packs = packs_among(zip(options.files, data, strict=True))
    verdicts = [verify_file(one, policy, receipts, packs=packs) for one in data]
    rows = [{"file": str(path), **verdict.as_dict()} for path, verdict in zip(options.files, verdicts, strict=True)]
    sys.stdout.write((json.dumps(rows, indent=1) if options.json else "\n".join(map(text, rows))) + "\n")
    return 0 if all(verdict.verdict == "ok" for verdict in verdicts) else 1


def text(row: dict[str, Any]) -> str:
    """Return a verdict as people read it: the sum first and last, the log key, and each thing that was looked at."""
    key = row["log_key"]
    named = f"  log key {key['name']} {key['fingerprint']}" if key else "  no log key can be read"
    items = [f"  {item['verdict']:11} {item['what']}: {item['why']}" for item in row["items"]]
    lines = [f"{row['file']}: {row['verdict']}: {row['reason']}", named, *items, f"{row['file']}: {_sum(row)}"]
    return "\n".join(map(_printable, lines))


def _sum(row: dict[str, Any]) -> str:
    if row["verdict"] != "ok":
        return f"{row['verdict']}: {row['reason']}"
    return "ok" + (f"; not checked: {', '.join(row['not_checked'])}" if row["not_checked"] else "")


def _printable(line: str) -> str:
    """Return a line in which nothing of the file under test can begin another line or steer a terminal."""
    return "".join(one if one.isprintable() else f"[U+{ord(one):04X}]" for one in line)


def _policy(options: argparse.Namespace) -> Policy | None:
    if options.pin:
        return Policy.pin(options.pin)
    if options.policy is None:
        return None
    try:
        return Policy.parse(options.policy.read_bytes())
    except OSError as error:
        raise InvalidInput(f"the policy {options.policy} cannot be read: {error}") from error
