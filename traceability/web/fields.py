"""How long the texts of our forms may be: as long as what keeps them, or as what they are looked for in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import request

from traceability.errors import Problem, Unprocessable
from traceability.services.document_links import LONGEST as LONGEST_LINK
from traceability.services.review import MAX_REASON as DECIDED
from traceability.storage.bounds import longest, wrong_with
from traceability.storage.tables import (
    ApiKey,
    IncidentLink,
    LegalHold,
    Mandate,
    Party,
    PartyKey,
    User,
)
from traceability.web.language import gettext

#: Each column that a field ends in; where two forms share a name, the shorter one.
_KEPT: Final[Mapping[str, tuple[Any, ...]]] = {
    "reason": (LegalHold.reason, Party.reason, IncidentLink.reason),
    "lift_reason": (LegalHold.lifted_reason,),
    "target": (LegalHold.target,),
    "name": (User.name, ApiKey.name),
    "user": (User.name,),
    "role": (User.role,),
    "authority": (Mandate.authority,),
    "article": (Mandate.legal_article,),
    "purpose": (Mandate.purpose,),
    "importer": (Party.did,),
    "kid": (PartyKey.kid,),
}
LONGEST: Final[Mapping[str, int]] = {name: min(map(longest, columns)) for name, columns in _KEPT.items()}
OTHERS: Final = 1000
"""Characters of every other field: no id, URI, date or choice of ours is longer."""
LINES: Final = 100 * LONGEST_LINK
"""Characters of a field that holds an identifier a line."""

__all__ = ["DECIDED", "LINES", "LONGEST", "OTHERS", "check"]


def check(own: Mapping[str, int]) -> None:
    """Let the form of this request go on; ``own`` are the bounds that hold for this form alone.

    Raises:
        Unprocessable: a text is too long, or holds what no text can (422); each problem names its field.

    """
    problems = list(_problems(own))
    if problems:
        raise Unprocessable(gettext("a field cannot be kept as it is; nothing was written"), problems=problems)


def _problems(own: Mapping[str, int]) -> Iterator[Problem]:
    for name, text in request.form.items(multi=True):
        found = wrong_with("name", name, OTHERS) or wrong_with(name, text, own.get(name, LONGEST.get(name, OTHERS)))
        if found:
            yield found
