"""Fault 1: `kill -9` at any moment of a capture loses nothing that was acknowledged and leaves nothing half done."""

import random

import pytest

KILLS = 50  # in each of four logs, so that the checks do not grow with the square: 200 on SQLite in all
MOST = 5  # times as many attempts: then the machine is too slow to hit anything


def kill_and_look(place, victim, chance, *, kills, audit):
    """Kill a capturing process until so many kills came in the middle of a capture: sent, and not acknowledged.

    After each end, the database is held against what it had answered.
    """
    again, first, caught, attempts, asked = [], 0, 0, 0, set()
    while caught < kills:
        attempts += 1
        assert attempts <= MOST * kills, f"only {caught} of {attempts} kills came in the middle of a capture"
        child = victim.start(place.order | {"work": "capture", "again": again, "first": first, "threads": 3})
        assert child.listen(60, until="again"), child.end().lines
        child.listen(chance.uniform(0, 0.05))
        told = child.kill()
        new = place.learn(told)
        place.check(told, new)
        open_ends = sorted(set(told.asked) - set(told.receipts))
        asked |= set(told.asked)  # a thread may be killed after it took a number and before it sent anything
        caught += bool(open_ends)
        first = max([first - 1, *told.asked]) + 1
        # What was not acknowledged is sent again as a sender would, and a few whose receipts are known.
        again = open_ends + chance.sample(sorted(place.receipts), min(2, len(place.receipts)))
    child = victim.start(place.order | {"work": "capture", "again": again, "first": first, "threads": 0})
    assert child.listen(60, until="again")
    place.learn(child.kill())
    assert sorted(place.receipts) == sorted(asked), "each document that was sent was recorded in the end"
    place.check()
    if audit:
        place.audit()
    assert caught == kills


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_kills_on_sqlite(place, victim, seed):
    kill_and_look(place("sqlite"), victim, random.Random(seed), kills=KILLS, audit=seed == 0)


def test_killed_clients_of_postgresql(place, victim):
    kill_and_look(place("postgresql"), victim, random.Random(2), kills=20, audit=True)
