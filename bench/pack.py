"""Evidence packs of a batch with 10,000 events behind it: made, and verified by the single file without the service."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.lines import Say, at_most
from bench.references import signatures_seconds
from bench.world import CONTEXT, DID, World, event, make_world
from traceability import strict_json
from traceability.ledger.jose import sign_detached
from traceability.ledger.pack import read_pack
from traceability.services.access import Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.evidence.pack import evidence_pack

_LOTS, _IN_ONE = 5000, 50
_BATCH = "https://id.bench.example/lot/all"


def run(url: str, folder: Path, say: Say, *, at_once: int = 500) -> None:
    """Capture a chain in captures of ``at_once`` events, make its pack, and verify it."""
    world = make_world(url, folder)
    found = list(_chain())
    for start in range(0, len(found), at_once):
        _capture(world, found[start : start + at_once])
    begun = time.perf_counter()
    made = evidence_pack(world.service, Actor("bench", "bench", "supplier", world.party_id), _BATCH)
    took = time.perf_counter() - begun
    path, program, policy = (folder / name for name in ("pack.zip", "verify.py", "policy"))
    path.write_bytes(made.data)
    program.write_bytes(read_pack(made.data)["verify.py"])
    policy.write_text(f"log {world.service.log_key.vkey}\nquorum none\n")
    world.service.close()
    about = f"{len(found):,} events, captures of {at_once}"
    say(f"(evidence pack made, {about})", took, "s")
    say("(its size)", len(made.data) / 1e6, "MB")
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(path), "--policy", str(policy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    took = time.perf_counter() - begun
    assert done.returncode == 0, done.stdout[:2000] + done.stderr
    alone = ("its signatures alone", signatures_seconds(len(found))) if at_once == 1 else None
    say(f"pack verified by verify.py, {about}", took, "s", (), alone, [at_most(10, "s")])


def _chain() -> Iterator[dict[str, Any]]:
    """Yield an extraction and a shipping of each lot, blends of 50 lots each, and one blend of all."""
    lots = [f"https://id.bench.example/lot/{number}" for number in range(_LOTS)]
    for number in range(_LOTS):
        mined = event(number)
        yield mined
        moved = {name: value for name, value in mined.items() if name != "ilmd"}
        yield {**moved, "eventID": f"urn:uuid:{_LOTS + number:032x}", "action": "OBSERVE", "bizStep": "shipping"}
    parts = [f"https://id.bench.example/mix/{start}" for start in range(0, _LOTS, _IN_ONE)]
    for place, part in enumerate(parts):
        yield _blend(2 * _LOTS + place, lots[place * _IN_ONE : (place + 1) * _IN_ONE], 1250.5, part)
    yield _blend(3 * _LOTS, parts, 1250.5 * _IN_ONE, _BATCH)


def _blend(number: int, inputs: list[str], kilograms: float, output: str) -> dict[str, Any]:
    return {
        "type": "TransformationEvent", "eventID": f"urn:uuid:{number:032x}", "eventTime": "2026-10-01T09:00:00+02:00",
        "eventTimeZoneOffset": "+02:00", "bizStep": "creating_class_instance",
        "inputQuantityList": [{"epcClass": lot, "quantity": kilograms, "uom": "KGM"} for lot in inputs],
        "outputQuantityList": [{"epcClass": output, "quantity": kilograms * len(inputs), "uom": "KGM"}],
        "readPoint": {"id": "https://id.bench.example/site/1"}, "transformationID": f"{output}/process",
    }  # fmt: skip


def _capture(world: World, events: list[dict[str, Any]]) -> None:
    document = {
        "@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-11-20T08:00:00Z", "epcisBody": {"eventList": events},
    }  # fmt: skip
    body = strict_json.dumps(document)
    jws = sign_detached(body, world.key, kid=f"{DID}#k")
    capture(
        world.service,
        Actor("bench", "bench", "supplier", world.party_id),
        CaptureRequest(body, "application/json", jws),
    )
