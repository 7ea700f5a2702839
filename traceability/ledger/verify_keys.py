"""The keys of a pack: each came in by a record that is here, of an approved party, and ended as its entry says."""

from collections.abc import Collection, Iterator

from traceability.ledger.errors import InvalidKey
from traceability.ledger.verify_case import NotChecked
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import BRINGS_KEY, Proven, approves


def keys_told(pack: PackCase) -> str:
    """Check that the entry which brought each key is in the pack with its record: a rotation ends another key.

    No record in a pack proves that an entry outside it ended a key no sooner: that is counted, as the log's word.
    """
    for index, key in sorted(pack.brought.items()):
        one = pack.proven.get(index)
        if one is None or one.file is None or one.entry.key != key:
            raise InvalidKey(f"the record of entry {index}, which brought the key {key}, is not in the pack")
    replaced = sum(_replaced(pack, index, one) for index, one in _ends(pack))
    pack.gaps["end"] += len(set(pack.brought.values()))
    lost = f" (registered anew for lost ones: {replaced})" if replaced else ""
    return (
        f"{len(pack.brought)} keys came in by records that are here{lost}; that no other entry ends one, the log says"
    )


def parties_told(pack: PackCase) -> str:
    """Check that each party, and each further key, was approved: entries, whose records are not here, name the keys.

    Raises:
        InvalidKey: an approval refers to a key that came in later.
        NotChecked: of a party or a key there is no such entry in the pack.

    """
    approved = {index: one for index, one in pack.proven.items() if approves(pack.proven, index)}
    for index, one in sorted(approved.items()):
        if max(one.entry.ref) > index:
            raise InvalidKey(
                f"entry {index} approves a party with the key of entry {max(one.entry.ref)}, which is later"
            )
    further = _unapproved(pack, {place for one in approved.values() for place in one.entry.ref})
    pack.gaps["unapproved"] += further
    parties = {pack.proven[index].entry.who for index in pack.brought if index in pack.proven}
    if left := parties - {one.entry.who for one in approved.values()}:
        pack.gaps["party"] += len(left)
        raise NotChecked(f"of {len(left)} of {len(parties)} parties no entry in the pack is the approval")
    if further:
        raise NotChecked(f"of {further} keys that came in without another's word no entry in the pack is the approval")
    return f"every party here ({len(parties)}) was approved, by entries that name its first key and each further one"


def _unapproved(pack: PackCase, named: Collection[int]) -> int:
    """Count the keys that no entry here approves; a rotated one needs none, the old key vouches for it."""
    came = {index for index in pack.brought if index in pack.proven and pack.proven[index].entry.kind == "key-add"}
    return len(came - set(named))


def _ends(pack: PackCase) -> Iterator[tuple[int, Proven]]:
    yield from ((index, one) for index, one in sorted(pack.proven.items()) if one.entry.kind == "key-revoke")


def _replaced(pack: PackCase, index: int, end: Proven) -> bool:
    """Tell whether an end says which key came in its place; both that and what it ends have to be as it says."""
    for place, own in ((place, number == 0) for number, place in enumerate(end.entry.ref)):
        one = pack.proven.get(place)
        if one is None or one.entry.kind not in BRINGS_KEY or one.file is None or place >= index:
            raise InvalidKey(f"entry {index} ends a key and refers to entry {place}, which brings none in the pack")
        if one.entry.who != end.entry.who or (one.entry.key == end.entry.key) != own:
            raise InvalidKey(f"entry {index} ends a key and refers to entry {place}, which brings another one")
    return len(end.entry.ref) > 1
