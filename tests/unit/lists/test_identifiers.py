import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.entries import Identifier
from traceability.lists.identifiers import key, normalise, problem, schemes


@pytest.mark.parametrize(
    "identifier",
    [
        Identifier("lei", "5493 001K JTII GC8Y 1R12"),
        Identifier("imo", "IMO 9187629"),
        Identifier("imo_company", "5342883"),
        Identifier("cid", "CID002158"),
        Identifier("eori", "NL123456789"),
        Identifier("bic", "HAVIGB2L"),
        Identifier("duns", "33-698-9384"),
        Identifier("mmsi", "572469210"),
        Identifier("tax", "800146749-7", "CO"),
        Identifier("passport", "1084010", "EG"),
    ],
)
def test_good_identifiers_can_be_compared(identifier):
    assert problem(identifier) is None
    assert key(identifier) is not None


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        (Identifier("lei", "5493001KJTIIGC8Y1R13"), "check digit is wrong"),
        (Identifier("lei", "5493"), "has not the form"),
        (Identifier("imo", "9187628"), "check digit is wrong"),
        (Identifier("imo_company", "5342884"), "check digit is wrong"),
        (Identifier("cid", "2158"), "has not the form"),
        (Identifier("tax", "800146749-7"), "needs the country"),
        (Identifier("registration", "12", "CD"), "does not tell parties apart"),
        (Identifier("registration", "ABCDEF", "CD"), "does not tell parties apart"),
        (Identifier("horoscope", "12"), "unknown identifier scheme"),
    ],
)
def test_bad_identifiers_say_why_and_never_match(identifier, said):
    assert said in problem(identifier)
    assert key(identifier) is None


def test_spelling_does_not_matter():
    assert key(Identifier("IMO", "imo 918-7629")) == key(Identifier("imo", "9187629"))
    assert normalise("tax", " 800.146.749-7 ") == "8001467497"


def test_national_numbers_share_a_family_within_a_country():
    same = {key(Identifier(scheme, "800146749", "CO")) for scheme in ("tax", "registration", "national")}
    assert len(same) == 1
    assert key(Identifier("tax", "800146749", "PE")) not in same
    assert key(Identifier("passport", "800146749", "CO")) not in same


@given(st.sampled_from(schemes()), st.text(st.characters(), max_size=400), st.sampled_from(["CD", None]))
def test_any_text_is_answered(scheme, value, country):
    identifier = Identifier(scheme, value, country)
    assert (key(identifier) is None) == (problem(identifier) is not None)


@given(st.integers(min_value=100000, max_value=999999), st.integers(min_value=0, max_value=9))
def test_exactly_one_check_digit_fits_a_ship(stem, digit):
    fits = [d for d in range(10) if problem(Identifier("imo", f"{stem}{d}")) is None]
    assert len(fits) == 1
    assert (problem(Identifier("imo", f"{stem}{digit}")) is None) == (digit == fits[0])
