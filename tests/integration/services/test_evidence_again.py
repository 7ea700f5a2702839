"""A pack repeated for the same size after the database was closed: in another process, by nothing but what is stored."""

import hashlib
import os
import subprocess
import sys

import pytest

from traceability.ledger.pack import read_pack
from traceability.services.evidence.pack import evidence_pack
from traceability.services.revocation import revoke
from traceability.storage.tables import LedgerEntry

LOT, MIX = "https://mine.example/lot/L-1", "https://importer.example/lot/MIX"
_PRINTED = """
import hashlib, sys
from datetime import datetime
from pathlib import Path
from traceability.config import Settings
from traceability.services.access import Actor
from traceability.services.context import open_service
from traceability.services.evidence.pack import evidence_pack
url, state, origin, now, party, lot, size = sys.argv[1:]
settings = Settings(database_url=url, state_dir=Path(state), log_origin=origin)
service = open_service(settings, lambda: datetime.fromisoformat(now))
made = evidence_pack(service, Actor("bert", "bert", "officer", party), lot, size=int(size))
service.close()
print(hashlib.sha256(made.data).hexdigest())
"""


@pytest.fixture
def first(world, tell):
    """The pack of a lot with a shipment, a paper, a hit and a decision; after it the log went on."""
    world.lists(tell.listed("UN.9", "Mine", country="RW"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": world.mine.did})
    world.paper(b"cert", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("CD"),)))
    world.work()
    world.decide("suspended", "shipment", "S-1")
    made = evidence_pack(world.service, world.officer(), LOT)
    world.capture(world.importer, tell.blend(world.importer, {LOT: 500}, {MIX: 500}))
    world.shipment([LOT], net_weight_kg="999")
    world.load("un-sc", tell.listed("UN.1", "Other"), published="2026-11-21")
    revoke(world.service, world.mine.actor("admin"), world.mine.key_row.kid, "lost with the laptop")
    world.work()
    return made


def test_a_service_opened_again_repeats_it_byte_for_byte(world, first, open_at, clock):
    officer, settings = world.officer(), world.service.settings
    world.service.close()
    again = open_at(settings, clock)
    repeated = evidence_pack(again, officer, LOT, size=first.size)
    assert read_pack(repeated.data) == read_pack(first.data)
    assert repeated.data == first.data
    assert evidence_pack(again, officer, LOT).size > first.size
    with again.store.read() as session:
        kinds = [session.get_one(LedgerEntry, index).kind for index in range(first.size, first.size + 2)]
    assert kinds[0] == "evidence-pack", "the pack itself is an entry of after its head"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_repeats_it_byte_for_byte(world, first, clock, seed):
    """Nothing of it hangs on what a process keeps, nor on the order that sets have in it."""
    settings, party = world.service.settings, world.importer.row.id
    world.service.close()
    given = (settings.database_url, settings.state_dir, settings.log_origin, clock().isoformat(), party, LOT)
    done = subprocess.run(
        [sys.executable, "-c", _PRINTED, *map(str, given), str(first.size)],
        check=False, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONHASHSEED": seed},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256(first.data).hexdigest()
