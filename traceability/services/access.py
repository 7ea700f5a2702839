"""Who may what (ARCHITECTURE, "Who may what"): the actor of a request, and the questions every use case asks of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from traceability.errors import Forbidden, PersonNeeded

Role = Literal["supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin"]
ROLES: tuple[Role, ...] = ("supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin")
SCOPES: tuple[str, ...] = ("capture", "read", "write")

#: Which roles may do what; "own" in ARCHITECTURE is checked by the use case on the object itself.
PERMISSIONS: dict[str, frozenset[str]] = {
    "capture": frozenset({"supplier", "importer"}),
    "keys": frozenset({"supplier", "importer"}),
    "sites": frozenset({"supplier", "importer"}),
    "shipments": frozenset({"importer"}),
    "read_shipments": frozenset({"importer", "officer", "regulator", "auditor"}),
    "documents": frozenset({"supplier", "importer", "officer"}),
    "read_documents": frozenset({"supplier", "importer", "officer", "regulator", "auditor"}),
    "chain": frozenset({"supplier", "importer", "officer", "regulator", "auditor"}),
    "private": frozenset({"importer", "officer", "regulator", "auditor"}),
    "screenings": frozenset({"importer", "officer", "regulator", "auditor", "admin"}),
    "screen": frozenset({"importer", "officer"}),
    "read_entries": frozenset({"importer", "officer", "regulator", "auditor", "admin"}),
    "count_everybody": frozenset({"admin"}),
    "reports": frozenset({"importer", "officer", "dpo"}),
    "rank_importers": frozenset({"regulator"}),
    "decide": frozenset({"officer"}),
    "assign": frozenset({"officer"}),
    "cases": frozenset({"officer"}),
    "answer_for_cases": frozenset({"officer"}),
    "ask": frozenset({"officer"}),
    "close_requests": frozenset({"officer"}),
    "answer": frozenset({"supplier", "importer", "officer"}),
    "requests": frozenset({"supplier", "importer", "officer", "regulator", "auditor"}),
    "tell": frozenset({"officer"}),
    "answer_contests": frozenset({"officer"}),
    "contest": frozenset({"supplier", "importer", "officer"}),
    "contests": frozenset({"supplier", "importer", "officer", "regulator", "auditor"}),
    "reporter": frozenset({"officer", "dpo"}),
    "incidents": frozenset({"officer"}),
    "access_log": frozenset({"dpo"}),
    "erase": frozenset({"dpo"}),
    "hold": frozenset({"officer", "dpo"}),
    "propose_merge": frozenset({"supplier", "importer", "officer", "admin"}),
    "end_holds": frozenset({"officer", "dpo"}),
    "administer": frozenset({"admin"}),
    "confirm_identity": frozenset({"admin"}),
    "open_accounts": frozenset({"admin"}),
    "grant_mandates": frozenset({"admin"}),
    "pass_lists": frozenset({"admin"}),
}
#: What is never automated (law.md 6): to write under one of these takes a person who has signed in, never an API key.
#: Whoever holds the keys of two officers is still no two persons; whoever may open accounts could make himself two.
NEVER_AUTOMATED: frozenset[str] = frozenset({
    "decide", "answer_for_cases", "answer_contests", "close_requests", "erase", "end_holds", "confirm_identity",
    "open_accounts", "grant_mandates", "pass_lists",
})  # fmt: skip
_HOW = (
    "this is never automated: an API key cannot do it, a person who has signed in can. Do it at the console, or get a"
    " session token with your name and password (POST /v1/sessions, HTTP Basic) and send it in place of the API key"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a person who has signed in, or software with an API key.

    ``party_id`` is the tenant: for an officer the importer it acts for; None for admin, regulator and dpo of the
    operator. ``scopes`` limits an API key; a person has them all. ``source`` is the network address, for rates.
    ``made_by`` is who made the API key; empty for a person. ``records`` are the first and last day of the records that
    an auditor's mandate opens.
    """

    id: str
    name: str
    role: Role
    party_id: str | None = None
    scopes: frozenset[str] = field(default_factory=lambda: frozenset(SCOPES))
    source: str = "local"
    made_by: str = ""
    records: tuple[date, date] | None = None

    @property
    def person(self) -> str:
        """Return the person behind it: whoever made the API key, so that two keys of one person are one person."""
        return self.made_by or self.name

    def may(self, action: str) -> bool:
        """Return whether this role may do ``action`` at all."""
        return self.role in PERMISSIONS[action]

    def require(self, action: str, scope: str | None = None) -> None:
        """Let the request go on.

        Raises:
            Forbidden: the role may not do this, or the API key lacks the scope; the message says which would be needed.
            PersonNeeded: it is never automated, and an API key asks.

        """
        if not self.may(action):
            allowed = ", ".join(sorted(PERMISSIONS[action]))
            raise Forbidden(f"the role {self.role} may not do this; it needs one of: {allowed}")
        if scope == "write" and action in NEVER_AUTOMATED and self.made_by:
            raise PersonNeeded(_HOW)
        if scope is not None:
            self.require_scope(scope)

    def require_scope(self, scope: str) -> None:
        """Let an API key go on that has a scope; a person has them all.

        Raises:
            Forbidden: the API key lacks it.

        """
        if scope not in self.scopes:
            raise Forbidden(f"this API key lacks the scope {scope!r}; make one that has it")

    def own_party(self) -> str:
        """Return the party this actor belongs to.

        Raises:
            Forbidden: it belongs to none.

        """
        if self.party_id is None:
            raise Forbidden("this account belongs to no party, so it has nothing of its own here")
        return self.party_id


#: The operator's terminal: whoever can run commands on the server is trusted to make the first admin.
TERMINAL = Actor(id="terminal", name="the operator's terminal", role="admin")
