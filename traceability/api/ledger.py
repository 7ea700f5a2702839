"""The log for everybody: static resources under /ledger as C2SP tlog-tiles has them, and proofs about stored sizes."""

import gzip
import hashlib
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, fields, validate

from traceability.api.base import StrictSchema, actor, answer, blueprint, door, moment, service
from traceability.errors import InvalidQuery, NotFound
from traceability.ledger.encoding import b64
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tile_paths import TilePlace, parse_place
from traceability.services import entry_receipts, log_keys, personal, published_log

tiles_blp: Blueprint = blueprint("tiles", "/ledger", "The Merkle log as static resources (C2SP tlog-tiles)")
proofs_blp: Blueprint = blueprint("proofs", "/v1/ledger", "Checkpoints and proofs for any two stored sizes")
receipts_blp: Blueprint = blueprint("receipts", "/v1/receipts", "The receipt of one ledger entry")

_NEVER_CHANGES = "public, max-age=31536000, immutable"
_CHANGES = "public, max-age=2"
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_SQUEEZE = 6
KNOWN = "answer from a log of at least so many entries, or 503 with Retry-After"


class KnownSize(StrictSchema):
    """How many entries the reader knows the log to have: a log that is behind answers 503 and Retry-After."""

    min_size = fields.Integer(load_default=0, validate=validate.Range(min=0), metadata={"description": KNOWN})


class ConsistencyArguments(KnownSize):
    """Two sizes at which a checkpoint was signed; ``to`` is the newest where it is left out."""

    old = fields.Integer(required=True, data_key="from", metadata={"description": "the smaller size, above 0"})
    new = fields.Integer(data_key="to", metadata={"description": "the larger size; default: the newest"})


class InclusionArguments(KnownSize):
    """A ledger index, and a size at which a checkpoint was signed; the newest where it is left out."""

    index = fields.Integer(required=True)
    size = fields.Integer()


def _anybody() -> None:
    """Let everybody in: the log's hashes are public, and a query has nothing large to read."""


# Whatever else a client of tlog-tiles puts into the query, as caches are made to let go of an answer, is passed over.
_known_size = tiles_blp.arguments(KnownSize, location="query", unknown=EXCLUDE)


@tiles_blp.route("/checkpoint", methods=["GET"])
@_known_size
@door(_anybody)
def get_checkpoint(known: dict[str, int]) -> Response:
    """The newest signed checkpoint, as a signed note, with the cosignatures it has by now."""
    note = published_log.signed_note(service(), published_log.newest(service(), **known))
    return _static(note.encode(), _TEXT, _CHANGES)


@tiles_blp.route("/tile/entries/<path:place>", methods=["GET"])
@_known_size
@door(_anybody)
def get_entries(known: dict[str, int], place: str) -> Response:
    """A bundle of up to 256 entries: each with its length in front (two bytes, big-endian)."""
    data = published_log.resource(service(), _place("entries", place), **known)
    return _static(data, _BYTES, _NEVER_CHANGES, squeezed=True)


@tiles_blp.route("/tile/<string:level>/<path:place>", methods=["GET"])
@_known_size
@door(_anybody)
def get_tile(known: dict[str, int], level: str, place: str) -> Response:
    """A tile of up to 256 hashes of one level; ``x001/067`` is tile 1067, ``067.p/5`` a partial one of width 5."""
    return _static(published_log.resource(service(), _place(level, place), **known), _BYTES, _NEVER_CHANGES)


def _place(level: str, place: str) -> TilePlace:
    found = parse_place(level, place)
    if found is None:
        raise NotFound("expected tile/LEVEL/INDEX or tile/entries/INDEX, with .p/WIDTH for a partial one (tlog-tiles)")
    return found


def _static(data: bytes, media_type: str, caching: str, *, squeezed: bool = False) -> Response:
    """Answer with bytes that a cache may keep; another encoding is another representation with its own ETag."""
    tag = hashlib.sha256(data).hexdigest()[:32]
    headers = {"Cache-Control": caching}
    if squeezed:
        headers["Vary"] = "Accept-Encoding"
        if request.accept_encodings.quality("gzip") > 0:
            data, tag = gzip.compress(data, _SQUEEZE, mtime=0), f"{tag}-gzip"
            headers["Content-Encoding"] = "gzip"
    response = Response(data, content_type=media_type, headers=headers)
    response.set_etag(tag)
    response.make_conditional(request)
    return response


@proofs_blp.route("/checkpoints/<int:size>", methods=["GET"])
@proofs_blp.arguments(KnownSize, location="query")
@door(_anybody)
def get_stored_checkpoint(known: dict[str, int], size: int) -> Response:
    """The checkpoint that was signed at a size, with its time-stamp tokens: JSON, or the note for ``text/plain``."""
    found = published_log.checkpoint(service(), size, **known)
    note = published_log.signed_note(service(), found)
    if _wants_text():
        return _text(note)
    at = moment(found.at)
    body = {"size": found.size, "root": b64(bytes(found.root)), "checkpoint": note, "at": at}
    stamps = published_log.timestamps(service(), size)
    return _chosen({**body, **({"timestamps": [one.as_dict() for one in stamps]} if stamps else {})})


@proofs_blp.route("/keys", methods=["GET"])
def get_keys() -> Response:
    """Every key this log was signed with: its type, and the sizes of the checkpoints it counts for; null: it signs.

    They are the service's own claim: who verifies takes them from elsewhere, or compares the fingerprints.
    """
    rows = [one.as_dict() for one in log_keys.spans(service())]
    return answer({"origin": service().settings.log_origin, "keys": rows})


@proofs_blp.route("/policy", methods=["GET"])
def get_policy() -> Response:
    """The log's keys as a policy (C2SP tlog-policy); a key that has ended stands with the size it counts up to."""
    return Response(log_keys.policy(service()), content_type=_TEXT)


@proofs_blp.route("/proofs/consistency", methods=["GET"])
@proofs_blp.arguments(ConsistencyArguments, location="query")
@door(_anybody)
def get_consistency(arguments: dict[str, int]) -> Response:
    """The proof that the log at size ``to`` begins with the log at size ``from`` (RFC 6962, 2.1.2).

    For ``Accept: text/plain`` the form a witness is sent: old size, hashes, an empty line, the newer checkpoint.
    """
    found = published_log.consistency(service(), arguments["old"], arguments.get("new"), min_size=arguments["min_size"])
    if _wants_text():
        return _text(found.to_text())
    both = {
        name: {"size": one.size, "root": b64(bytes(one.root)), "checkpoint": one.note}
        for name, one in (("from", found.old), ("to", found.new))
    }
    return _chosen({**both, "path": [b64(item) for item in found.path]})


@proofs_blp.route("/proofs/inclusion", methods=["GET"])
@proofs_blp.arguments(InclusionArguments, location="query")
@door(_anybody)
def get_inclusion(arguments: dict[str, int]) -> Response:
    """The proof that the log at a size holds an entry: JSON, or ``tlog-proof@v1`` for ``Accept: text/plain``."""
    found = published_log.inclusion(
        service(), arguments["index"], arguments.get("size"), min_size=arguments["min_size"]
    )
    proof = found.proof
    if _wants_text():
        return _text(proof.to_text())
    return _chosen(
        {
            "index": proof.index,
            "size": found.checkpoint.size,
            "entry": b64(found.entry),
            "leaf": b64(leaf_hash(found.entry)),
            "path": [b64(item) for item in proof.path],
            "root": b64(bytes(found.checkpoint.root)),
            "checkpoint": proof.checkpoint,
        }
    )


def _wants_text() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/plain"]) == "text/plain"


def _text(text: str) -> Response:
    return Response(text, content_type=_TEXT, headers={"Vary": "Accept"})


def _chosen(body: dict[str, Any]) -> Response:
    return answer(body, headers={"Vary": "Accept"})


@receipts_blp.route("/<int:entry>", methods=["GET"])
def get_receipt(entry: int) -> Response:
    """The current receipt of an entry of the caller's own party; ``openings=yes`` adds its personal data, logged."""
    wanted = request.args.get("openings", "no")
    if wanted not in ("yes", "no"):
        raise InvalidQuery(f"openings is yes or no; got {wanted[:20]!r}")
    receipt = entry_receipts.receipt_of(service(), actor(), entry)
    if wanted == "yes":
        receipt = personal.with_openings(service(), actor(), entry, receipt)
    return answer(receipt.as_dict())
