"""What events, cases and decisions call things has its words in the files of languages."""

from traceability.errors import TraceabilityError
from traceability.events.sheet_columns import COLUMNS
from traceability.events.sheet_kinds import KINDS
from traceability.services import case_forms, jobs, review
from traceability.services.access import ROLES
from traceability.services.facts.decided import document_types
from traceability.web import codes, sheet_texts, words


def _words(names):
    return {name.replace("_", " ") for name in names}


def test_every_text_of_the_sheet_is_collected():
    assert {*sheet_texts.COLUMNS} == _words(column.name for column in COLUMNS)
    assert {*sheet_texts.KINDS} == _words(KINDS)
    assert {*sheet_texts.HELP} == {*(column.help for column in COLUMNS), *(kind.help for kind in KINDS.values())}


def test_every_code_a_page_prints_is_collected():
    assert {*codes.ROLES} == {*ROLES}
    assert _words(case_forms.RISKS) == {*codes.RISKS}
    assert {*codes.JOB_STATES} == {*jobs.STATES}
    named = (case_forms.PROGRESS, case_forms.STATUSES, case_forms.GRIEVANCE_KINDS, case_forms.CHANNELS)
    assert _words(name for names in (*named, case_forms.OUTCOMES) for name in names) <= {*codes.CASES}
    assert _words(document_types()) == {*codes.DOCUMENTS, "other"}
    verdicts = {one for kind, ones in review.VERDICTS.items() if kind != "doc_type" for one in ones}
    assert _words([*review.DISPOSITIONS, *verdicts]) <= {*codes.DISPOSITIONS}
    assert _words(words.REASON_CODES) == {*codes.REASON_CODES}


def test_every_title_of_an_error_is_collected():
    ours = [TraceabilityError]
    for kind in ours:
        ours += kind.__subclasses__()
    assert {kind.title for kind in ours} <= {*codes.ERRORS}
