"""Routes of the console: a page answers at its address, at ``.json`` and ``.csv``; a form posts, then redirects."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import NotFound, TraceabilityError
from traceability.storage.bounds import HALF, NUL
from traceability.web import fields
from traceability.web.page import Page, respond
from traceability.web.session import actor, check_token

bp = Blueprint("web", __name__)
PageView = Callable[..., Page]
FormView = Callable[..., AnyResponse | Page]


def page(rule: str, *, public: bool = False) -> Callable[[PageView], PageView]:
    """Register a page with its twins; unless ``public`` it needs somebody signed in."""

    def register(view: PageView) -> PageView:
        def answer(form: str) -> Callable[..., AnyResponse]:
            @wraps(view)
            def run(**named: Any) -> AnyResponse:
                if not public:
                    actor()
                return respond(view(**named), form)

            return run

        name = view.__name__
        bp.add_url_rule(rule, name, answer("html"))
        bp.add_url_rule(f"{rule}.json", f"{name}_json", answer("json"))
        bp.add_url_rule(f"{rule}.csv", f"{name}_csv", answer("csv"))
        return view

    return register


def action(
    rule: str, *, form: PageView | None = None, public: bool = False, longest: Mapping[str, int] | None = None
) -> Callable[[FormView], FormView]:
    """Register what a form posts to; ``longest`` are the characters its fields may have where ``fields`` says less.

    The view answers with a redirect, or with a page for what is shown only once. What is wrong with the input is shown
    on ``form``, the page it was filled in on, with everything the reader had typed.
    """

    def register(view: FormView) -> FormView:
        @wraps(view)
        def run(**named: Any) -> AnyResponse:
            check_token()
            if not public:
                actor()
            try:
                fields.check(longest or {})
                done = view(**named)
            except NotFound:
                raise
            except TraceabilityError as error:
                unreadable = any(one.message in (NUL, HALF) for one in error.problems)  # no page can be looked up by it
                if form is None or unreadable or error.status >= 500:  # noqa: PLR2004  # ours to mend, not the reader's
                    raise
                return respond(form(**named), "html", error)
            return respond(done, "html") if isinstance(done, Page) else done

        bp.add_url_rule(rule, view.__name__, run, methods=["POST"])
        return view

    return register


def seen(address: str) -> AnyResponse:
    """Return the redirect after a form was carried out (303, so that reloading repeats nothing)."""
    return redirect(address, 303)
