"""Sign-in, sign-out and one's own password; a one-time password opens nothing but its change."""

from urllib.parse import urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, NotAuthenticated, Problem
from traceability.services import users
from traceability.web import language
from traceability.web.layout import TAKES_MAIL, home_of
from traceability.web.page import Page
from traceability.web.routes import action, bp, page, seen
from traceability.web.session import actor, begin, end, service, source, visitor


@bp.get("/")
def home() -> AnyResponse:
    """Lead to the first page of the reader's role."""
    return redirect(home_of(actor().role), 303)


@page("/sign-in", public=True)
def sign_in() -> Page:
    """The form for name and password."""
    return Page("Sign in", "sign_in.html", context={"next": wanted()})


@action("/sign-in", form=sign_in, public=True)
def post_sign_in() -> AnyResponse:
    """Start a session."""
    user = users.sign_in(service(), request.form.get("name", "").strip(), request.form.get("password", ""), source())
    begin(user)
    if user.one_time:
        return seen(url_for("web.password", next=wanted()))
    return seen(wanted() or home_of(user.role))


@action("/language", public=True)
def post_language() -> AnyResponse:
    """Remember the language the reader wants, in this browser."""
    code = request.form.get("language", "")
    if code not in language.languages():
        known = ", ".join(language.languages())
        raise InvalidInput(
            language.gettext("expected a language of %(known)s; got %(got)r", known=known, got=code[:20])
        )
    answer = seen(wanted() or "/")
    language.remember(answer, code)
    return answer


@action("/sign-out", public=True)
def post_sign_out() -> AnyResponse:
    """End the session."""
    end()
    return seen(url_for("web.sign_in"))


@page("/password", public=True)
def password() -> Page:
    """The form for a new password of one's own."""
    found = visitor()
    if found is None:
        raise NotAuthenticated("sign in first")
    user = found[1]
    context = {"one_time": user.one_time, "next": wanted(), "email": user.email, "takes_mail": user.role in TAKES_MAIL}
    return Page("Choose your password", "password.html", context=context)


@action("/password", form=password, public=True)
def post_password() -> AnyResponse:
    """Set the new password; every other session of the account ends."""
    found = visitor()
    if found is None:
        raise NotAuthenticated("sign in first")
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        again = Problem("again", language.gettext("repeat the new password"))
        raise InvalidInput(language.gettext("the two new passwords differ"), problems=[again])
    user = users.change_password(service(), found[1].id, old, new)
    begin(user)
    return seen(wanted() or home_of(user.role))


@action("/email", form=password)
def post_own_email() -> AnyResponse:
    """Set where one's own reminders go."""
    who = actor()
    users.set_email(service(), who, who.name, request.form.get("email", ""))
    return seen(url_for("web.password"))


def wanted() -> str:
    """Return the address on this server the reader wanted; never one elsewhere."""
    address = request.values.get("next", "")
    parts = urlsplit(address)
    is_here = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_here and address.isprintable() else ""
