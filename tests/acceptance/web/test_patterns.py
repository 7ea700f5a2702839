"""The page of components, read as every page is: whole, honest, without inline script, each state by word and icon."""

import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import pytest

from traceability.diligence.status import STATES
from traceability.web import words


def _pages():
    path = Path(__file__).with_name("test_pages.py")
    spec = importlib.util.spec_from_file_location("how_pages_are_read", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = _pages()


@pytest.fixture(scope="module")
def answer(read_only):
    found = read_only("anna").get("/-/patterns")
    assert found.status_code == 200
    return found


@pytest.fixture
def page(answer):
    return PAGES.tree(answer)


def test_it_is_as_whole_as_any_page(answer, page):
    for check in (PAGES.structure, PAGES.labels, PAGES.forms, PAGES.words, PAGES.marks):
        check("/-/patterns", page)
    PAGES.no_inline("/-/patterns", answer, page)
    ids = set(page.xpath("//@id"))
    assert {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")} <= ids


def test_every_state_stands_in_it_by_its_word_with_an_icon(page):
    rows = page.xpath("//table[@data-table='marks']/tbody/tr")
    told = {PAGES.text_of(row.xpath("td")[0]): PAGES.text_of(row.xpath("th")[0]) for row in rows}
    assert told == {name: mark.word for name, mark in words.MARKS.items()}
    assert all(row.xpath(".//*[local-name()='svg']") for row in rows)
    verdicts = page.xpath("//section[contains(@class, 'verdict')]/p[@class='state']")
    assert [PAGES.text_of(one) for one in verdicts] == [words.MARKS[state].word for state in STATES]


def test_a_mistake_is_tied_to_its_field_and_a_hostile_text_is_text(answer, page):
    field = page.xpath("//*[@id='bad-field']")[0]
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby").split() == ["bad-field-hint", "bad-field-error"]
    assert page.xpath("//*[@role='alert']//a/@href") == ["#bad-field", "#bad-choice"]
    assert "<script>alert" not in answer.get_data(as_text=True)
    assert page.xpath("//nav[@class='pager']"), "a table of several pages has a way to the next one"


def test_pictures_have_words_and_only_what_is_known_has_a_bar(page):
    for svg in page.xpath("//*[local-name()='svg'][@role='img']"):
        named = page.xpath("//*[@id=$id]", id=svg.get("aria-labelledby").split()[0])
        assert PAGES.text_of(named[0])
    unknown = page.xpath("//*[@id='volume-4']/parent::*")[0]
    assert not unknown.xpath("*[@class='bar-value']")
    assert len(page.xpath("//*[contains(@class, 'spot warned')]")) == 2
    assert len(page.xpath("//*[contains(@class, 'bar-above')]")) == 1


def test_its_twins_hold_the_same_rows(read_only, page):
    data = read_only("anna").get("/-/patterns.json").get_json()
    assert len(data["tables"]["many"]) == 201
    heads = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4")]
    assert max(b - a for a, b in pairwise(heads)) <= 1
    text = read_only("anna").get("/-/patterns.csv?table=rows").get_data(as_text=True)
    assert re.search(r"script", text)
    assert read_only(None).get("/-/patterns.json").status_code == 401
