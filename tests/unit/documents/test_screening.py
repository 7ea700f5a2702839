"""The screening child's own code, run in this process."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.documents import batch, language
from traceability.documents.extraction import extract
from traceability.documents.screening import screen_extracted


def screened(text):
    return screen_extracted(extract(text.encode(), "a.txt"))


def found(text):
    return [(each["topic"], each["assertion"], each["country"]) for each in screened(text)["findings"]]


def test_findings_point_at_the_original_characters():
    text = "Notes.\n\nThe agent had with\u00ad\nheld the passports of nine workers at the mill in Penang.\n"
    (finding,) = screened(text)["findings"]
    assert finding["quote"] == "withheld the passports"
    assert text[finding["start"] : finding["end"]] == "with\u00ad\nheld the passports"
    assert (finding["topic"], finding["country"], finding["severity"]) == ("ILO-07", "MY", "major")


def test_a_list_is_governed_by_its_lead_in():
    text = "We will not tolerate:\n- debt bondage of any worker;\n- children working underground;\n"
    assert found(text) == []


def test_a_heading_without_findings_governs_its_list():
    text = (
        "AREAS WITHOUT FINDINGS\n- Children working at the ponds\n\nMAJOR FINDINGS\n- Wages of nine drivers withheld\n"
    )
    assert found(text) == [("ILO-08", "affirmed", None)]


def test_a_line_repeated_on_every_page_is_read_once():
    page = "Workers were beaten at the pit in Kolwezi.\n\nOther words on this page %d.\n"
    assert len(found("\f".join(page % number for number in range(4)))) == 1


def test_places_sourcing_and_denials():
    assert found("The coltan was bought from diggers at Rubaya, North Kivu.") == [("sourcing", "affirmed", "CD")]
    assert found("Our tin is mined in Bolivia.") == [(None, "affirmed", "BO")]
    assert found("Our gold was shipped via Dubai.") == []
    assert found("The gold was smuggled to Uganda.") == [("sourcing", "affirmed", "UG")]
    assert found("We buy no gold from Venezuela.") == [("sourcing", "negated", "VE")]


def test_a_smelter_gap_is_minor_and_an_unknown_origin_too():
    assert [each["severity"] for each in screened("The refinery has not been audited since 2022.")["findings"]] == [
        "minor"
    ]
    assert [each["severity"] for each in screened("The origin of two lots is unknown.")["findings"]] == ["minor"]


def test_a_bare_mention_is_no_finding():
    assert found("Forced labour and child labour are matters of concern.") == []
    assert found("Auditors identified two cases of forced labour at the plant in Johor.") == [
        ("forced_labour", "affirmed", None)
    ]


def test_languages_are_told_by_block():
    text = (
        "The auditors observed nine children washing cobalt ore at the ponds near Kolwezi in the morning.\n\n"
        "Bei der Prüfung wuschen sechs Kinder unter vierzehn Jahren Erz am Bach hinter dem Depot der Firma.\n"
    )
    languages = [each["rule"].split(".")[0] for each in screened(text)["findings"]]
    assert [lang for lang in languages if lang != "xx"] == ["en", "de"]


def test_an_empty_text_has_no_language():
    assert screened("  \n")["language"] is None
    assert language.of_blocks([]) == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("The coltan was bought at Rubaya, North Kivu.", {"CAHRA_SOURCING", "MINERAL"}),
        ("Our tin does not come from the DRC.", {"MINERAL", "NEGATED_SOURCING"}),
        ("Suppliers are prohibited from retaining passports.", {"POLICY"}),
        ("No instances of modern slavery were identified.", {"NEGATED_INCIDENT"}),
        ("Armed men tax the pit at Bisie.", {"ARMED_GROUP_INCIDENT"}),
        ("The origin of the gold is unknown.", {"MINERAL", "ORIGIN_UNDETERMINED"}),
        ("The Bexley smelter has not been audited.", {"NAMES_SMELTER"}),
        ("The passports kept by the agent in Johor were returned.", {"FORCED_LABOUR_INCIDENT", "MITIGATION"}),
        ("Our code of conduct requires training.", {"POLICY"}),
        ("A gold member pays less.", set()),
    ],
)
def test_labels_of_passages(text, labels):
    (row,) = batch.passages([{"id": "1", "text": text, "lang": "en"}])
    assert set(row["labels"]) == labels


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("aé no child labour DRC tin. ?\n\t|:-\u00ad\u0130童[]x0"), max_size=120))
def test_no_text_raises(text):
    screened(text)
    batch.passages([{"id": "1", "text": text or "x", "lang": "en"}])
