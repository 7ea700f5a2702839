"""Console sessions: who is signed in, and the token that proves a form came from one of our pages.

The signed cookie holds user id, session epoch (a reset or a new password ends it), when it began on the service's
clock, and a random id the token is made of.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection

from flask import current_app, g, request, session, url_for

from traceability.errors import InvalidInput, NotAuthenticated
from traceability.services import users
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.tables import User
from traceability.web.language import gettext


class PasswordToChange(NotAuthenticated):
    """The password was made by somebody else: choose one of your own first."""


def service() -> Service:
    """Return the service this app was made for."""
    found: Service = current_app.extensions["traceability"]
    return found


def source() -> str:
    """Return the network address of the caller, for rates."""
    return (request.remote_addr or "unknown")[:64]


def visitor() -> tuple[Actor, User] | None:
    """Return who is signed in; None for nobody, and after a session was ended elsewhere."""
    if "visitor" not in g:
        known = "user" in session and not users.session_over(service(), session.get("since"))
        g.visitor = users.actor_of(service(), session["user"], session.get("epoch", -1), source()) if known else None
    found: tuple[Actor, User] | None = g.visitor
    return found


def actor() -> Actor:
    """Return who is signed in and may use the pages.

    Raises:
        NotAuthenticated: nobody is.
        PasswordToChange: somebody with a one-time password, which opens nothing but its change.

    """
    found = visitor()
    if found is None:
        raise NotAuthenticated("sign in first; the session has ended or there was none")
    if found[1].one_time:
        raise PasswordToChange
    g.actor = found[0]
    return found[0]


def opens(endpoint: str, roles: Collection[str], **named: str) -> str | None:
    """Return the address of a page if the reader's role opens it: no link leads to a refusal."""
    return url_for(f"web.{endpoint}", **named) if actor().role in roles else None  # type: ignore[arg-type]  # names of ours


def begin(user: User) -> None:
    """Start a session for a user; whatever the visitor had before ends."""
    session.clear()
    session.permanent = True
    session["user"], session["epoch"], session["sid"] = user.id, user.session_epoch, secrets.token_hex(16)
    session["since"] = int(service().clock().timestamp())
    g.pop("visitor", None)


def end() -> None:
    """End the session of this visitor."""
    session.clear()
    g.pop("visitor", None)


def token() -> str:
    """Return the token every form of this session carries."""
    if "sid" not in session:
        session["sid"] = secrets.token_hex(16)
    secret = current_app.secret_key
    key = secret if isinstance(secret, bytes) else str(secret).encode()
    return hmac.new(key, b"form:" + session["sid"].encode(), hashlib.sha256).hexdigest()[:40]


def check_token() -> None:
    """Let a form through that one of our pages made for this session.

    Raises:
        InvalidInput: it carries no token, or another session's.

    """
    given = request.form.get("token", "") if "sid" in session else ""  # nothing is read for who has no session
    if not given or not given.isascii() or not hmac.compare_digest(given, token()):
        raise InvalidInput(
            gettext("this form is not one of your session, or it is too old: open its page again and send it anew")
        )
