"""Yearly volumes of an importer against the thresholds of Annex I of Reg. (EU) 2017/821."""

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import answer, blueprint, reader, service
from traceability.services import volumes

blp: Blueprint = blueprint("volumes", "/v1/volumes", "Yearly volumes against the thresholds of Annex I")


@blp.route("", methods=["GET"])
def get_volumes() -> Response:
    """The kilograms of each row in a calendar year (``year``, else the one that runs), and what reached its threshold.

    ``state`` is unknown where the importer signed no opening balance, below, near (from 80 %) or reached; ``back_fill``
    are the earlier lots whose papers are to be completed since ``crossing``, ``missing`` the codes of what each lacks
    (null where it was not assessed since). The threshold is that of the day, of a year that is over of its last day.
    Records that are read as one importer have one volume: ``elsewhere_kg`` stands under the others, a crossing there is
    named by their DID (``under``) without a ``shipment_id``, and one that signed nothing leaves the volume unknown.
    Regulators name the ``importer`` (DID)
    and, as auditors, state the purpose (X-Purpose); the read is logged.
    """
    return answer(volumes.shown(volumes.volumes(service(), reader(), request.args.get("year"))))
