"""What officers do with rows of the queue as such: assign them to each other, and keep filters under a name."""

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.services import desk
from traceability.web.queue import queue
from traceability.web.routes import action, seen
from traceability.web.session import actor, service


@action("/queue/assign", form=queue)
def post_assign() -> AnyResponse:
    """Assign the ticked rows; there is no way to clear several at once."""
    chosen = [(kind, subject) for kind, _, subject in (one.partition("|") for one in request.form.getlist("subject"))]
    to = request.form.get("to", "")
    desk.assign(service(), actor(), chosen, None if to == desk.NOBODY else to)
    return seen(url_for("web.queue", **_filters()))  # type: ignore[arg-type]  # names of ours


@action("/queue/views", form=queue)
def post_view() -> AnyResponse:
    """Keep the filters that the form carries under a name."""
    kept = desk.keep_view(service(), actor(), request.form.get("view", ""), _filters())
    return seen(url_for("web.queue", **kept.filters))  # type: ignore[arg-type]  # names of ours


@action("/queue/views/away", form=queue)
def post_drop_view() -> AnyResponse:
    """Take away filters that were kept; nothing else is lost with them."""
    desk.drop_view(service(), actor(), request.form.get("view", ""))
    return seen(url_for("web.queue"))


def _filters() -> dict[str, str]:
    return {name: request.form[name] for name in desk.FILTERS if request.form.get(name)}
