"""People: accounts made on the operator's terminal or by an admin, sign-in, lost passwords, leavers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlmodel import col, select

from traceability.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from traceability.services.access import ROLES, Actor, Role
from traceability.services.context import Service, new_id
from traceability.services.mail import read_address
from traceability.services.passwords import hashed, matches, one_time_password
from traceability.services.presence import require_here
from traceability.storage.store import Transaction
from traceability.storage.tables import ApiKey, Party, User

_WITHOUT_PARTY = ("admin", "regulator", "dpo", "auditor")


@dataclass(frozen=True, slots=True)
class OneTime:
    """A new or reset account with the password that is shown this once."""

    user: str
    role: str
    password: str


def add_user(service: Service, actor: Actor, name: str, role: str, party: str | None) -> OneTime:
    """Make an account with a one-time password.

    Args:
        service: the service.
        actor: an admin, or the operator's terminal.
        name: the sign-in name.
        role: one of the seven roles.
        party: id or DID of the party; needed by suppliers, importers and officers.

    Raises:
        InvalidInput: the role is unknown, or a party is missing.
        NotFound: there is no such party.
        Conflict: the name is taken, or the party has left.

    """
    actor.require("open_accounts", scope="write")
    if role not in ROLES:
        raise InvalidInput(f"expected a role of {', '.join(ROLES)}; got {role!r}")
    if party is None and role not in _WITHOUT_PARTY:
        raise InvalidInput(f"a user with the role {role} belongs to a party; name it with --party")
    name = name.strip()
    # HTTP Basic ends the name at the first colon (RFC 7617).
    if not 1 <= len(name) <= 100 or ":" in name or not name.isprintable():  # noqa: PLR2004  # the column's length
        raise InvalidInput("a sign-in name has 1 to 100 characters that can be printed, and no colon")
    password = one_time_password()
    digest = hashed(password)

    def change(tx: Transaction) -> None:
        _ = tx.now  # locks the head: of two of one name the second finds the first
        if tx.session.exec(select(User).where(User.name == name)).first():
            raise Conflict(f"the name {name!r} is taken")
        row = User(
            id=new_id(), name=name, party_id=party and _party_id(tx, party), role=role, password_hash=digest,
            created_at=tx.now, created_by=actor.name,
        )  # fmt: skip
        tx.session.add(row)

    service.store.write(change)
    return OneTime(name, role, password)


def reset_password(service: Service, actor: Actor, name: str) -> OneTime:
    """Replace a lost password by a one-time password; sessions of the account end.

    Raises:
        NotFound: there is no such user.

    """
    actor.require("open_accounts", scope="write")
    password = one_time_password()
    digest = hashed(password)

    def change(tx: Transaction) -> str:
        user = _by_name(tx, name)
        user.password_hash, user.one_time, user.session_epoch = digest, True, user.session_epoch + 1
        tx.session.add(user)
        return user.role

    return OneTime(name, service.store.write(change), password)


def disable_user(service: Service, actor: Actor, name: str) -> int:
    """Close an account; what it did stays. The API keys it made end too: a leaver knows their secrets.

    Returns how many keys that were good until now.

    Raises:
        NotFound: there is no such user.

    """
    actor.require("administer", scope="write")

    def change(tx: Transaction) -> int:
        return close(service, tx, _by_name(tx, name))

    return service.store.write(change)


def close(service: Service, tx: Transaction, user: User) -> int:
    """Close an account within a transaction: its sessions and the API keys it made end; return how many of these."""
    user.disabled_at, user.session_epoch = tx.now, user.session_epoch + 1
    tx.session.add(user)
    mine = select(ApiKey).where(ApiKey.created_by == user.name, col(ApiKey.revoked_at).is_(None))
    good = [key for key in tx.session.exec(mine) if key.expires_at > tx.now]
    for key in good:
        key.revoked_at = tx.now
        tx.session.add(key)
    tx.after_commit(service.known_api_keys.clear)
    return len(good)


def set_email(service: Service, actor: Actor, name: str, address: str) -> str | None:
    """Set where reminders of a person go; empty for nowhere. Everybody may set their own, an admin anybody's.

    Raises:
        Forbidden: it is another's account, and the actor is no admin.
        InvalidInput: it is no e-mail address.
        NotFound: there is no such user.

    """
    if name != actor.person:
        actor.require("administer", scope="write")
    actor.require_scope("write")
    email = read_address(address) if address.strip() else None

    def change(tx: Transaction) -> str | None:
        user = _by_name(tx, name)
        user.email = email
        tx.session.add(user)
        return email

    return service.store.write(change)


def users(service: Service, actor: Actor) -> Sequence[User]:
    """Return every account, for admins."""
    actor.require("administer")
    with service.store.read() as session:
        return session.exec(select(User).order_by(col(User.name))).all()


def sign_in(service: Service, name: str, password: str, source: str) -> User:
    """Return the user whose name and password these are.

    Raises:
        NotAuthenticated: they are not; the message does not say which of the two is wrong.
        TooManyRequests: too many attempts from this source.

    """
    service.rates.check("sign_in", source)
    with service.store.read() as session:
        user = session.exec(select(User).where(User.name == name)).one_or_none()
    if not matches(user.password_hash if user else None, password) or user is None or user.disabled_at:
        raise NotAuthenticated("name or password is wrong, or the account is closed")
    return user


def change_password(service: Service, user_id: str, old: str, new: str) -> User:
    """Set a password of one's own; sessions opened before end.

    Raises:
        NotAuthenticated: the old password is wrong.
        InvalidInput: the new one is too short, or the same.

    """
    if new == old:
        raise InvalidInput("choose a password that differs from the old one")
    digest = hashed(new)
    with service.store.read() as session:
        user = session.get(User, user_id)
    if user is None or not matches(user.password_hash, old):
        raise NotAuthenticated("the old password is wrong")

    def change(tx: Transaction) -> User:
        row = tx.session.get_one(User, user_id)
        row.password_hash, row.one_time, row.session_epoch = digest, False, row.session_epoch + 1
        tx.session.add(row)
        return row

    return service.store.write(change)


def session_over(service: Service, since: object) -> bool:
    """Return whether a console session that began at ``since`` (POSIX seconds on the service's clock) has run out."""
    hours = service.settings.session_hours
    return not isinstance(since, int) or service.clock().timestamp() - since > hours * 3600


def actor_of(service: Service, user_id: str, epoch: int, source: str) -> tuple[Actor, User] | None:
    """Return who a console session belongs to; None when the account was closed, reset or changed since."""
    with service.store.read() as session:
        user = session.get(User, user_id)
    if user is None or user.disabled_at or user.session_epoch != epoch:
        return None
    return Actor(user.id, user.name, cast("Role", user.role), user.party_id, source=source), user


def _by_name(tx: Transaction, name: str) -> User:
    user = tx.session.exec(select(User).where(User.name == name)).one_or_none()
    if user is None:
        raise NotFound(f"there is no user {name!r}")
    return user


def _party_id(tx: Transaction, party: str) -> str:
    row = tx.session.exec(select(Party).where((col(Party.id) == party) | (col(Party.did) == party))).one_or_none()
    if row is None:
        raise NotFound(f"there is no party {party!r}")
    require_here(tx, row.id)
    return row.id
