"""Accounts and API keys of the demonstration: made by an admin over the API, as an operator would make them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from traceability.clock import latest_date
from traceability.demo.api import Api, basic, bearer
from traceability.demo.cast import GOMA, IMPORTER
from traceability.services.access import TERMINAL
from traceability.services.context import Service
from traceability.services.users import add_user, disable_user

_SETUP = "demo-setup"
_MANDATE_DAYS = 365


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in; ``password`` is a one-time password, changed at the first sign-in."""

    name: str
    role: str
    party: str
    password: str


#: Name, role and DID of the party of everybody who can sign in.
PEOPLE = (
    ("officer", "officer", IMPORTER.did),
    ("officer2", "officer", IMPORTER.did),
    ("importer", "importer", IMPORTER.did),
    ("supplier", "supplier", GOMA.did),
    ("regulator", "regulator", None),
    ("dpo", "dpo", None),
    ("admin", "admin", None),
)


class Setup:
    """The admin that sets the demonstration up; its account is closed at the end."""

    def __init__(self, api: Api, service: Service) -> None:
        self._api, self._service = api, service
        first = add_user(service, TERMINAL, _SETUP, "admin", None)
        chosen = self._chosen(_SETUP, first.password)
        self.auth = bearer(api.post("/v1/sessions", {}, basic(_SETUP, chosen))["token"])

    def machine(self, name: str, role: str, party: str | None, scopes: Sequence[str]) -> str:
        """Make an account for software, and return the secret of an API key of it."""
        made = self._api.post("/v1/users", {"name": name, "role": role, "party": party}, self.auth)
        return self._api_key(name, made["password"], scopes)

    def people(self) -> list[Account]:
        """Make the accounts people sign in with, each with a one-time password."""
        found = []
        for name, role, party in PEOPLE:
            made = self._api.post("/v1/users", {"name": name, "role": role, "party": party}, self.auth)
            found.append(Account(name, role, party or "", made["password"]))
        return found

    def mandate(self, user: str) -> None:
        """Record what entitles a regulator to read."""
        today = latest_date(self._service.clock())
        body = {
            "user": user,
            "authority": "Demo competent authority (invented)",
            "legal_article": "Reg. (EU) 2017/821 Art. 11",
            "purpose": "ex-post checks of Union importers",
            "valid_from": (today - timedelta(days=30)).isoformat(),
            "valid_to": (today + timedelta(days=_MANDATE_DAYS)).isoformat(),
        }
        self._api.post("/v1/mandates", body, self.auth)

    def close(self) -> None:
        """Close the account of the set-up: nobody knows its password, and nobody shall."""
        disable_user(self._service, TERMINAL, _SETUP)

    def _api_key(self, name: str, one_time: str, scopes: Sequence[str]) -> str:
        """Change a one-time password to one nobody knows, and make an API key of the account."""
        chosen = self._chosen(name, one_time)
        made = self._api.post("/v1/api-keys", {"name": name, "scopes": list(scopes)}, basic(name, chosen))
        secret: str = made["secret"]
        return secret

    def _chosen(self, name: str, one_time: str) -> str:
        chosen = secrets.token_urlsafe(24)
        self._api.post("/v1/password", {"new": chosen}, basic(name, one_time))
        return chosen
