"""What rules and services say in English is known again by its form, and said in the reader's language."""

import pytest
from flask import Flask

from traceability.diligence import catalogue
from traceability.diligence.messages import message
from traceability.diligence.packs import Place
from traceability.web import language, spoken
from traceability.web.spoken import spoken as say


@pytest.fixture(scope="module")
def app():
    made = Flask(__name__)
    language.install(made)
    return made


@pytest.fixture
def dutch(app):
    with app.test_request_context(headers={"Cookie": "language=nl"}):
        yield


def _message(code, *values, advisory=False):
    places = [Place("/x", one) for one in values]
    return message(catalogue.row(code), places, advisory=advisory)


def test_an_english_reader_gets_the_text_itself(app):
    with app.test_request_context():
        assert say("not assessed yet") == "not assessed yet"


@pytest.mark.usefixtures("dutch")
class TestDutch:
    """One text after another, as a Dutch reader gets it."""

    def test_a_text_and_a_text_with_a_value(self):
        assert say("not assessed yet") == "nog niet beoordeeld"
        assert say("last assessed for 2026-09-01") == "laatst beoordeeld voor 2026-09-01"

    def test_a_finding_of_one_place_and_of_several(self):
        one, two = {"party_name": "Alfa", "listed_name": "Beta"}, {"party_name": "Gamma", "listed_name": "Delta"}
        assert say(_message("US307-WRO", one)) == "Alfa komt overeen met Beta."
        assert say(_message("US307-WRO", one, two)) == "Alfa komt overeen met Beta. Gamma komt overeen met Delta."

    def test_of_more_places_it_says_how_many(self):
        text = _message("US307-WRO", *({"party_name": f"P{n}", "listed_name": f"L{n}"} for n in range(5)))
        assert say(text).startswith("P0 komt overeen met L0. P1")
        assert say(text).endswith("L2. En nog 2, zie het bewijs.")

    def test_an_advisory_finding_says_from_when(self):
        text = _message("FLR-27-2-MANUFACTURER", {}, advisory=True)
        assert text.startswith("Would apply from 20")
        assert say(text).startswith("Zou gelden vanaf 20")
        assert say(text).endswith(": Vermeld de fabrikant of producent.")

    def test_a_slot_that_is_said_twice_keeps_its_values_in_order(self):
        text = _message("COC-GAP", {"batch": "B", "event 1": "E1", "event 2": "E2", "reason": "no receipt"})
        assert "tussen E1 en E2" in say(text)

    def test_what_is_not_stated_is_a_word_too(self):
        assert say(_message("CMR-04-POLICY-OLD", {"date": None})) == "Het beleid is laatst herzien op niet vermeld."

    def test_texts_inside_texts(self):
        text = "EU list of conflict-affected and high-risk areas is partial (3 rows, 1 row waits in the review queue)"
        assert (
            say(text)
            == "EU-lijst van conflict- en hoogrisicogebieden is onvolledig (3 regels, 1 regel wacht op beoordeling)"
        )

    def test_a_finding_names_its_list_after_it(self):
        text = _message("DOL-TVPRA", {"material": "silicon", "country": "CN", "kinds": "forced labour"})
        assert (
            say(f"{text} List: DoL, version 3.")
            == "silicon uit CN staat vermeld voor forced labour. Lijst: DoL, version 3."
        )

    def test_what_fits_no_form_stays_as_it_is(self):
        for text in ("", "quite another thing", "Report .", "matches", "x" * 100_000, "not loaded: "):
            assert say(text) == text

    def test_what_others_wrote_is_not_taken_for_a_text_of_ours(self):
        assert (
            say(_message("US307-WRO", {"party_name": "missing", "listed_name": "Queue"}))
            == "missing komt overeen met Queue."
        )
        quoted = _message("ILO-01", {"document_id": "D", "quote": "they left, but finding nothing in it means little"})
        assert "they left, but finding nothing in it means little" in say(quoted)
        assert say("we came, but not assessed yet") == "we came, but not assessed yet"
        assert say(language.Verbatim("not assessed yet")) == "not assessed yet"


@pytest.mark.usefixtures("dutch")
@pytest.mark.parametrize("row", catalogue.rows(), ids=lambda row: row.code)
def test_every_rule_speaks_dutch_with_its_values(row):
    slots = spoken._SLOT.findall(row.message)
    values = {name: f"V{n}x" for n, name in enumerate(dict.fromkeys(slots))}
    text = message(row, [Place("/x", values)], advisory=False)
    told = say(text)
    assert told != text or row.message == '{document_id}: "{quote}".'
    assert all(value in told for value in values.values())
    assert say(row.title) != row.title or row.code == "UFLPA"


def test_a_text_that_is_made_to_last_is_given_up_at_once(dutch):
    hostile = "Report " + " is in list area ( matches " * 20_000
    assert say(hostile) == hostile
