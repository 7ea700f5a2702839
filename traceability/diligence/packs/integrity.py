"""INT: integrity of the evidence itself - signatures, identifiers, times, and whether the risk lists are there."""

from collections import Counter
from itertools import pairwise

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import day, moment, optional_day
from traceability.diligence.definitions.events import created
from traceability.diligence.packs.registry import Pack, Place, Test, at, each
from traceability.diligence.parameters import PARAMETERS

PACK = Pack()

_NEEDED_LISTS = ("cahra", "transit_watch", "forced_labour_areas", "tvpra")


def _signed_as(status: str) -> Test:
    def test(case: Case) -> list[Place]:
        return each(item for item in case.items("custody_events") if item.value.get("signature_status") == status)

    return test


for _code, _status in (("INT-SIGNATURE", "invalid"), ("INT-KEY-REVOKED", "key_revoked"), ("INT-UNSIGNED", "unsigned")):
    PACK.rule(_code)(_signed_as(_status))


@PACK.rule("INT-REPLAY")
def identifier_used_twice(case: Case) -> list[Place]:
    entries = [item for item in case.items("custody_events") if item.value.get("error_declaration") is not True]
    count = Counter(item.value["event_id"] for item in entries)
    return each(item for item in entries if count[item.value["event_id"]] > 1)


@PACK.rule("INT-CLOCK")
def times_out_of_order(case: Case) -> list[Place]:
    timed = [(event, moment(event.value["event_time"])) for event in case.events]
    early = [Place((two.at, one.at), two.value) for (one, first), (two, second) in pairwise(timed) if second < first]
    return early + [Place((event.at,), event.value) for event in case.events if event.on > case.as_of]


@PACK.rule("INT-BATCH-DUPLICATE")
def batch_created_twice(case: Case) -> list[Place]:
    # One event may list its batch in quantity_list and as output: that is one creation.
    creations: dict[str, dict[str, str]] = {}
    for event in case.events:
        for entry in created(event):
            creations.setdefault(entry.batch, {})[event.at] = entry.at
    return [Place(tuple(by.values()), {"batch_id": batch}) for batch, by in creations.items() if len(by) > 1]


@PACK.rule("INT-DATE")
def implausible_extraction_dates(case: Case) -> list[Place]:
    period = case.shipment.get("extraction_period")
    if period is None:
        return []
    start, end = day(period["start"]), optional_day(period, "end", "start")
    if end is None or start <= end <= case.as_of:
        return []
    return at("/shipment/extraction_period", start=start, end=end, as_of=case.as_of)


@PACK.rule("INT-LIST-MISSING")
def list_not_loaded(case: Case) -> list[Place]:
    missing = [name for name in _NEEDED_LISTS if name not in case.lists]
    return at(case.nearest("/lists") or "/shipment", lists=missing) if case.has("shipment") and missing else []


@PACK.rule("INT-LIST-STALE")
def list_of_areas_stale(case: Case) -> list[Place]:
    cahra = case.lists.get("cahra", {})
    if not case.has("shipment") or "published_on" not in cahra:
        return []
    age = case.as_of - day(cahra["published_on"])
    return at("/lists/cahra/published_on", **cahra) if age.days > PARAMETERS.stale_list_days else []
