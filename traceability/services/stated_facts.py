"""Facts that come from outside: refused where the schema takes a slip that would switch a rule off unseen.

What is assembled from stored records has been checked where it was recorded (places, codes of goods, weights), so
this is asked of a caller's document alone. A false code is worse than a missing one: an unknown part of a country
cannot exclude a listed part, a part that does not exist can; goods "for XX" are for no country, so no rule of the
Union or of the United States looks at them; an entry whose end lies before its beginning is never in force.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from traceability.errors import Problem, Unprocessable
from traceability.iso import is_country, is_subdivision
from traceability.services.goods_codes import is_known
from traceability.services.shipment_messages import country_hint

_MAX_PROBLEMS: Final = 50
_COUNTRIES: Final = frozenset(
    {
        "country", "country_of_origin", "destination_country", "dispatch_country", "refined_in",
        "declared_origin_country", "authority_country", "countries_of_origin", "countries",
    }
)  # fmt: skip
_PARTS: Final = frozenset({"subdivision", "origin_subdivision"})
_AREA_LISTS: Final = ("cahra", "transit_watch", "forced_labour_areas", "aml_weak")
#: Begin and end of what is in force, or was done: the later one may not come first. Others raise a finding (INT-DATE).
_ORDER: Final = (("valid_from", "valid_to"), ("issued_on", "answered_on"))
_UNION: Final = "EU"


def check_stated(facts: Mapping[str, Any]) -> None:
    """Refuse facts of the right form that name no place, no goods or no weight, or contradict themselves.

    Raises:
        Unprocessable: with at most 50 problems, each with the JSON Pointer of its field and how to mend it.

    """
    if problems := list(islice(_problems(facts), _MAX_PROBLEMS)):
        first = problems[0]
        raise Unprocessable(f"these facts cannot be assessed: {first.path}: {first.message}", problems=problems)


def _problems(facts: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _walk(facts, "")
    yield from _areas(facts.get("lists", {}))
    yield from _goods(facts.get("shipment", {}))


def _walk(node: Any, at: str) -> Iterator[Problem]:
    if isinstance(node, dict):
        yield from _order(node, at)
        for key, member in node.items():
            yield from _places(key, member, f"{at}/{key}")
            yield from _walk(member, f"{at}/{key}")
    elif isinstance(node, list):
        for number, member in enumerate(node):
            yield from _walk(member, f"{at}/{number}")


def _places(key: str, value: Any, at: str) -> Iterator[Problem]:
    if key in _PARTS and not is_subdivision(value):
        yield _no_part(value, at)
    elif key in _COUNTRIES and isinstance(value, list):
        for number, member in enumerate(value):
            yield from _places(key, member, f"{at}/{number}")
    elif key in _COUNTRIES and not (is_country(value) or (key == "authority_country" and value == _UNION)):
        yield Problem(
            at,
            f"expected a country of ISO 3166-1 that exists today, such as DE; got {value!r}{country_hint(value)}. "
            "If it was dissolved, name the country that lies there now",
        )


def _no_part(value: str, at: str) -> Problem:
    return Problem(
        at,
        f"expected a part of a country by its code of ISO 3166-2, such as CD-NK; got {value!r}, which there is not. "
        "Leave it out where it is not known",
    )


def _areas(lists: Mapping[str, Any]) -> Iterator[Problem]:
    for name in _AREA_LISTS:
        for number, entry in enumerate(lists.get(name, {}).get("entries", ())):
            if not (is_country(entry["code"]) or is_subdivision(entry["code"])):
                said = f"expected a country of ISO 3166-1 or a part of one; got {entry['code']!r}: no place lies in it"
                yield Problem(f"/lists/{name}/entries/{number}/code", said)


def _goods(shipment: Mapping[str, Any]) -> Iterator[Problem]:
    if "cn_code" in shipment and not is_known(shipment["cn_code"]):
        said = f"expected a code of the Combined Nomenclature that exists, such as 26090000; got {shipment['cn_code']}"
        yield Problem("/shipment/cn_code", said)
    weighed = [("/shipment/net_weight_kg", shipment.get("net_weight_kg"))]
    for number, material in enumerate(shipment.get("battery_raw_materials", ())):
        weighed.append((f"/shipment/battery_raw_materials/{number}/weight_kg", material.get("weight_kg")))
    for at, weight in weighed:
        if weight is not None and not Decimal(weight):
            yield Problem(at, f"expected more than 0 kg; got {weight}. Leave it out where it is not known")


def _order(node: Mapping[str, Any], at: str) -> Iterator[Problem]:
    for first, last in _ORDER:
        if first in node and last in node and node[last] < node[first]:
            yield Problem(
                f"{at}/{last}", f"lies before {first} {node[first]}: got {node[last]}; correct one of the two"
            )
