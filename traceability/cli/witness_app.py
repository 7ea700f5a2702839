"""The face of a witness (C2SP tlog-witness): one address, text in and text out."""

from flask import Flask, Response, request

from traceability.ledger.witness import MAX_REQUEST, SIZE_TYPE, WitnessRefusal
from traceability.services.witness_host import WitnessHost


def create_witness_app(host: WitnessHost) -> Flask:
    """Return the WSGI application of a witness."""
    app = Flask("traceability-witness", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        try:
            lines = host.add_checkpoint(request.get_data(cache=False))
        except WitnessRefusal as refusal:
            return _refused(refusal)
        return Response(lines, content_type="text/plain; charset=utf-8")

    return app


def _refused(refusal: WitnessRefusal) -> Response:
    if refusal.size is not None:
        return Response(f"{refusal.size}\n", refusal.status, content_type=SIZE_TYPE)
    return Response(f"{refusal.detail}\n", refusal.status, content_type="text/plain; charset=utf-8")
