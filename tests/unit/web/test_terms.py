"""Codes that pages print as words: every code of the closed vocabularies is collected for the files of languages."""

from dataclasses import fields
from typing import get_args

import pytest

from traceability.custody import metals
from traceability.documents.assertion import ASSERTIONS
from traceability.documents.rules import TOPICS
from traceability.lists.score import Basis
from traceability.lists.tally import How
from traceability.services import lost_keys, notice_forms, request_forms
from traceability.services.merges import Borne
from traceability.services.parties import PARTY_ROLES
from traceability.services.reports.registry import Parameter
from traceability.services.retention import holds
from traceability.services.screening import SubjectKind
from traceability.web import terms


@pytest.mark.parametrize(
    ("used", "collected"),
    [
        ({mineral for names in metals._MINERALS.values() for mineral in names}, terms.MINERALS),
        ({topic for topic in TOPICS if not topic.startswith("ILO-")}, terms.TOPICS),
        (ASSERTIONS, terms.ASSERTIONS),
        ((*get_args(SubjectKind), *get_args(Basis)), terms.SCREENED),
        ((*get_args(How), "points", "similarity", "weight"), terms.STEPS),
        (notice_forms.STATUSES, terms.STATES),
        (lost_keys.METHODS, terms.METHODS),
        ((*get_args(Parameter), *holds.KINDS), terms.PARAMETERS),
        (PARTY_ROLES, terms.PARTY_ROLES),
        ((*get_args(request_forms.Act), *get_args(request_forms.State)), terms.REQUESTS),
        ([field.name for field in fields(Borne)], terms.BORNE),
    ],
    ids=["minerals", "topics", "assertions", "screened", "steps", "states", "methods",
         "parameters", "party_roles", "requests", "borne"],
)  # fmt: skip
def test_every_code_has_words(used, collected):
    assert {code.replace("_", " ") for code in used} <= collected
