"""The pages in Dutch: every page of every role; what is ours is translated, and no placeholder is left in any."""

import importlib.util
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from traceability.web import language

OURS = "//title|//h1|//h2|//h3|//th[@scope='col']|//caption|//legend|//label[not(code)]|//button|//summary|//nav//a|//footer//a"


def _pages():
    path = Path(__file__).with_name("test_pages.py")
    spec = importlib.util.spec_from_file_location("pages_of_roles", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = _pages()


@pytest.fixture(scope="module")
def dutch():
    """Return what each text is in Dutch; those that say the same thing in both are in it too."""
    with (language.FOLDER / "nl.po").open("rb") as file:
        catalog = read_po(file, locale="nl")
    return {message.id: message.string for message in catalog if isinstance(message.id, str) and message.id}


def _in(browser, code, address):
    browser.client.set_cookie("language", code)
    answer = browser.get(address)
    assert answer.status_code == 200, (code, address)
    assert answer.headers["Content-Language"] == code
    assert "%(" not in answer.get_data(as_text=True), (code, address)
    page = PAGES.tree(answer)
    assert page.get("lang") == code
    return [(node.tag, PAGES.text_of(node).removesuffix(" - traceability")) for node in page.xpath(OURS)]


@pytest.mark.parametrize("name", PAGES.PAGES)
def test_every_page_is_in_dutch(read_only, dutch, name):
    browser = read_only(name)
    browser.send("/search/purpose", purpose="checks of importers")
    for address in [*PAGES.PAGES[name], *PAGES._details(browser, name)]:
        english, other = _in(browser, "en", address), _in(browser, "nl", address)
        assert len(english) == len(other), address
        headers = {text for tag, text in english if tag == "th" and not text.isupper()}
        assert headers <= dutch.keys(), (address, headers - dutch.keys())
        told = {text: said for (_, text), (_, said) in zip(english, other, strict=True) if dutch.get(text)}
        assert told == {text: dutch[text] for text in told}, (name, address)


def test_errors_are_in_dutch(read_only):
    browser = read_only("anna")
    browser.client.set_cookie("language", "nl")
    answer = browser.get("/no-such-page")
    assert answer.status_code == 404
    assert "er is geen pagina op dit adres" in answer.get_data(as_text=True)
    refused = browser.send("/documents")
    assert refused.status_code == 400
    assert "er is geen bestand gekozen" in refused.get_data(as_text=True)


def test_a_document_read_to_the_end_is_so_in_every_language(read_only):
    browser = read_only("anna")
    address = PAGES.tree(browser.get("/documents")).xpath("//tbody//a/@href")[0]
    said = {}
    for code in ("en", "nl"):
        browser.client.set_cookie("language", code)
        said[code] = bool(PAGES.tree(browser.get(address)).xpath("//*[contains(@class, 'tone-pending')]"))
    assert said["en"] == said["nl"]
