import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linear import is_linear
from traceability.events.gs1_keys import canonical_link, check_digit
from traceability.events.identifiers import is_lot, normalise

DL = "https://id.gs1.org/"
URNS = {
    "urn:epc:id:sgtin:4012345.011111.9876": "01/04012345111118/21/9876",
    "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()": "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29",
    "urn:epc:id:sscc:4012345.3111111111": "00/340123451111111111",
    "urn:epc:id:sgln:4012345.00005.122": "414/4012345000054/254/122",
    "urn:epc:id:sgln:4012345.00005.0": "414/4012345000054",
    "urn:epc:id:grai:4012345.00022.334455": "8003/04012345000221334455",
    "urn:epc:id:giai:4012345.ABC345": "8004/4012345ABC345",
    "urn:epc:id:gsrn:4012345.0000006765": "8018/401234500000067657",
    "urn:epc:id:gsrnp:4012345.0000000007": "8017/401234500000000074",
    "urn:epc:id:gdti:987659999999..9": "253/98765999999929",
    "urn:epc:id:sgcn:4012345.00009.123": "255/4012345000092123",
    "urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234": "8010/061414111111111111111-A%23%2F/8011/1234",
    "urn:epc:id:ginc:0614141.xyz47%2F11": "401/0614141xyz47%2F11",
    "urn:epc:id:gsin:4012345.222333444": "402/40123452223334442",
    "urn:epc:id:itip:4012345.011111.01.02.987": "8006/040123451111180102/21/987",
    "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB": "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB",
    "urn:epc:id:pgln:999999999999.": "417/9999999999994",
    "urn:epc:class:lgtin:4012345.012345.Lot987": "01/04012345123456/10/Lot987",
    "urn:epc:idpat:sgtin:4012345.066666.*": "01/04012345666663",
    "urn:epc:idpat:grai:4012345.00022.*": "8003/04012345000221",
    "urn:epc:idpat:cpi:0614141.ABC.*": "8010/0614141ABC",
    "urn:epc:idpat:itip:4012345.011111.01.02.*": "8006/040123451111180102",
}


@pytest.mark.parametrize(("urn", "link"), URNS.items())
def test_a_urn_and_its_digital_link_are_one(urn: str, link: str) -> None:
    assert normalise(urn) == DL + link
    assert normalise(DL + link) == DL + link
    assert normalise(f"http://Shop.example:80/eu/{link}/?x=1#y") == DL + link


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:id:sgtin:4012345.01111.9876", "urn:epc:id:sgtin:4012345.011111", "urn:epc:id:sgtin:4012345.011111.",
        "urn:epc:id:sscc:4012345.3111111111.1", "urn:epc:id:lgtin:4012345.012345.L", "urn:epc:class:sgtin:4012345.012345.L",
        "urn:epc:id:cpi:0614141.A", "urn:epc:id:cpi:0614141.A.B", "urn:epc:id:giai:4012345.", "urn:epc:idpat:giai:4012345.*",
        "urn:epc:id:itip:4012345.011111.1.02.987", "urn:epc:id:nokey:4012345.1", "urn:epc:idpat:sgtin:4012345.066666.1",
        "urn:epc:raw:96.x1", "urn:epc:id:sgln:40123.0000012.1", "urn:epc:id:giai:4012345.A%", "urn:epc:idpat:sscc:4012345.*",
    ],
)  # fmt: skip
def test_what_is_no_key_stays_what_it_is(urn: str) -> None:
    assert canonical_link(urn) is None
    assert normalise(urn) == urn or "%" in urn


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://x.example/gtin/04012345111118/lot/L1/ser/S1", f"{DL}01/04012345111118/21/S1"),
        ("https://x.example/01/04012345111118/22/V/10/L1", f"{DL}01/04012345111118/10/L1"),
        ("https://x.example/01/04012345111118", f"{DL}01/04012345111118"),
        ("https://x.example/01/04012345111118/10/a(b)", f"{DL}01/04012345111118/10/a%28b%29"),
        ("https://x.example/8006/040123451111180102/10/L", f"{DL}8006/040123451111180102/10/L"),
        ("https://x.example/01/04012345111119", None),
        ("https://x.example/01/04012345111118/page/2", None),
        ("https://x.example/01/04012345111118/10", None),
        ("https://x.example/01/4012345111118", None),
        ("https://x.example/lot/2026/01/20260115000001", None),
        ("https://x.example/", None),
        ("ftp://x.example/01/04012345111118", None),
    ],
)
def test_digital_links_of_any_domain(link: str, canonical: str | None) -> None:
    assert canonical_link(link) == canonical


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTPS://Id.Mine.EXAMPLE/Lot/1", "https://id.mine.example/Lot/1"),
        ("https://a.example/%7euser/%2f", "https://a.example/~user/%2F"),
        ("https://a.example/a/./b/../c/", "https://a.example/a/c/"),
        ("https://a.example/a/..", "https://a.example/"),
        ("https://a.example/%2E%2e/b", "https://a.example/b"),
        ("https://a.example/../../b/.", "https://a.example/b/"),
        ("https://U:P@A.example?", "https://U:P@a.example?"),
        ("https://%c3%A9.Example/x", "https://%C3%A9.example/x"),
        ("URN:UUID:8F9D3C0E-4A0B", "urn:uuid:8f9d3c0e-4a0b"),
        ("URN:X-Mrn:26NL", "urn:x-mrn:26NL"),
        ("did:web:mine.example", "did:web:mine.example"),
        ("geo:-1.5,28.8", "geo:-1.5,28.8"),
        ("x:/a/../b", "x:/a/../b"),
        ("no uri", "no uri"),
        ("", ""),
    ],
)
def test_syntax_based_normalisation(text: str, normal: str) -> None:
    assert normalise(text) == normal


URIS = st.from_regex(r"[a-zA-Z]{1,5}:(//[a-zA-Z.%0-9@:]{0,8})?[a-z/.%0-9A-F?#~]{0,20}", fullmatch=True) | st.builds(
    "https://x.example/{}/{}{}".format,
    st.sampled_from(["01", "gtin", "8006", "414", "00", "8004", "lot"]),
    st.from_regex(r"[0-9]{13,18}", fullmatch=True),
    st.sampled_from(["", "/10/L%28", "/21/%41", "/22/V/10/x", "/10/a/10/b", "/254/!", "/"]),
)


@given(URIS | st.text(max_size=30) | st.sampled_from(sorted(URNS)))
def test_normalising_is_total_and_settles_at_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert is_lot(text) == is_lot(once)


@pytest.mark.parametrize(
    ("text", "lot"),
    [
        ("https://id.mine.example/lot/1", True), ("urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-000000000001", True), ("did:web:x:1", True),
        ("urn:epc:class:lgtin:4012345.012345.Lot987", True), ("urn:epc:class:lgtin:badly-formed", True),
        ("https://x.example/01/04012345111118/10/L1", True), ("https://id.gs1.org/8006/040123451111180102/10/L", True),
        ("https://id.gs1.org/01/04012345111118", False), ("https://id.gs1.org/01/04012345111118/21/1", False),
        ("https://id.gs1.org/01/04012345111118/10/L/21/1", False), ("https://id.gs1.org/00/340123451111111111", False),
        ("urn:epc:id:sgtin:4012345.011111.9876", False), ("urn:epc:idpat:sgtin:4012345.066666.*", False),
        ("urn:epc:id:sgtin:bad", False), ("URN:EPC:id:sgtin:bad", False), ("LOT-1", False), ("", False),
    ],
)  # fmt: skip
def test_what_names_a_batch(text: str, lot: bool) -> None:
    assert is_lot(text) == lot


def test_a_normalised_identifier_fits_where_the_longest_one_does() -> None:
    for text in ("01/04012345111118/10/" + "(" * 84, "8004/4012" + "(" * 80, "01/04012345111118/10/" + "(" * 400):
        assert len(normalise(f"https://a.example/{text}")) <= 500


def test_check_digits() -> None:
    assert check_digit("0401234511111") == "8"
    assert check_digit("629104150021") == "3"
    assert check_digit("") == "0"


@pytest.mark.parametrize(
    ("begun", "piece", "end"), [("https://a.example", "/..", ""), ("https://a/", "%41", ""), ("", "https://a/01/", "1")]
)
def test_hostile_text_is_normalised_in_linear_time(begun: str, piece: str, end: str) -> None:
    assert is_linear(lambda length: normalise(begun + piece * length + end), 200_000)
