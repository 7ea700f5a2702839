"""Notices of authorities to an importer, version by version: what is asked by which article, until when, the answer."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import actor, answer, blueprint, reader, service
from traceability.api.cases import BASE, revised, shown, whole
from traceability.services import cases
from traceability.services.notice_forms import NoticeSchema

blp: Blueprint = blueprint("notices", "/v1/notices", "Notices of authorities, with their deadlines")


class NoticeVersionSchema(NoticeSchema):
    """A new version of a notice, whole, and the version it was made from."""

    based_on = fields.Integer(**BASE)


@blp.route("", methods=["GET"])
def get_notices() -> Response:
    """The notices of the importer: open ones first, those without a known deadline on top, then by the day due."""
    return answer([shown(row) for row in cases.listed(service(), reader(), "notice")])


@blp.route("", methods=["POST"])
@blp.arguments(NoticeSchema)
def post_notice(body: dict[str, Any]) -> Response:
    """Record a notice (officer); ``record.due`` is the day it is due, stated or set by law."""
    return answer(shown(cases.create(service(), actor(), "notice", body)), 201)


@blp.route("/<string:case_id>", methods=["GET"])
def get_notice(case_id: str) -> Response:
    """One notice with all its versions, newest first."""
    return whole("notice", case_id)


@blp.route("/<string:case_id>/versions", methods=["POST"])
@blp.arguments(NoticeVersionSchema)
def post_notice_version(body: dict[str, Any], case_id: str) -> Response:
    """Record an answer, an extension or a correction; 409 says what changed where it was not made from the newest."""
    return revised("notice", case_id, body)
