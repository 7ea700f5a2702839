"""Names compared with the risk lists: batches of 1 to 1,000, in the shape of ``traceability match --json``."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, door, service, text
from traceability.lists.entries import Identifier
from traceability.lists.fold import MAX_CHARS
from traceability.lists.match import Query
from traceability.lists.readers import births
from traceability.services.asked_names import MOST_CANDIDATES, MOST_NAMES, Asking, ask_names
from traceability.storage.tables import ListVersionRow

blp: Blueprint = blueprint("match", "/v1/match", "Names compared with the risk lists in force")

_COUNTRY = validate.Regexp("^[A-Z]{2}$", error="expected a country as ISO 3166-1 alpha-2, such as CD")
_MOST_IDENTIFIERS = 20
_MOST_BIRTHS = 10


def _is_birth(value: str) -> None:
    if not births.iso(value):
        raise ValidationError("expected a date of birth as 1948-12-10, 1948-12 or 1948 (ISO 8601)")


class IdentifierSchema(StrictSchema):
    """A number or code of a party, with the country that issued it where the scheme is a national one."""

    scheme = fields.String(required=True, validate=Length(1, 40))
    value = fields.String(required=True, validate=Length(1, 200))
    country = fields.String(load_default=None, allow_none=True, validate=_COUNTRY)


class QuerySchema(StrictSchema):
    """One name, with what else is known of its bearer; ``id`` comes back with the answer."""

    id = fields.String(load_default=None, allow_none=True, validate=Length(1, 200))
    name = fields.String(required=True, validate=Length(1, MAX_CHARS))
    schema = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(("Person", "Organization", "Vessel"))
    )
    country = fields.String(load_default=None, allow_none=True, validate=_COUNTRY)
    identifiers = fields.List(
        fields.Nested(IdentifierSchema), load_default=list, validate=Length(max=_MOST_IDENTIFIERS)
    )
    birth_dates = fields.List(
        fields.String(validate=_is_birth), load_default=list, validate=Length(max=_MOST_BIRTHS),
        metadata={"description": "days, months or years (ISO 8601): they rank namesakes, and let an equal name match"},
    )  # fmt: skip


class MatchSchema(StrictSchema):
    """The names, the lists to ask (default: all), the day whose law counts (default: today), candidates each."""

    queries = fields.List(fields.Nested(QuerySchema), required=True, validate=Length(1, MOST_NAMES))
    lists = fields.List(text(ListVersionRow.list_id), load_default=None, allow_none=True, validate=Length(1, 100))
    as_of = fields.Date(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=10, strict=True, validate=validate.Range(1, MOST_CANDIDATES))
    record = fields.Boolean(load_default=False, truthy={True}, falsy={False})


def _reads() -> None:
    actor().require_scope("read")


@blp.route("", methods=["POST"])
@door(_reads)
@blp.arguments(MatchSchema)
def post_match(body: dict[str, Any]) -> Response:
    """Compare names with every list in force, or some: decision, candidates word by word, and how complete it is.

    A look-up leaves a line in the access log. With ``record`` each name is a screening as well, with its ledger entry.
    """
    queries = [(one["id"], _query(one)) for one in body.pop("queries")]
    return answer(ask_names(service(), actor(), Asking(queries, **body)))


def _query(one: dict[str, Any]) -> Query:
    identifiers = tuple(Identifier(**item) for item in one["identifiers"])
    return Query(one["name"], one["country"], identifiers, one["schema"], "|".join(one["birth_dates"]))
