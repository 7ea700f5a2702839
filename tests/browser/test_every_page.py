"""Every page of the console in a real browser: axe-core finds nothing, it fits a phone, and it weighs little.

Which pages there are is found by walking along the links, and held against the url map: one that comes later is looked at
as well, and one that nobody can reach fails the test.
"""

import importlib.resources
from itertools import groupby

import pytest
from console_tour.cases import World, send, signed_in, tell
from console_tour.pages import NO_PAGES, endpoints, walk

MIX = "https://id.trader.example/lot/MIX-1"
PARTS = {"officer": "anna", "second": "boris", "admin": "adam", "dpo": "dora"}
READERS = ("anna", "boris", "ines", "sam", "reg", "aud", "dora", "adam")
MOST_BYTES = 200_000
AXE = importlib.resources.files("axe_playwright_python") / "axe.min.js"
#: What axe finds, as (rule, what is wrong, the elements); ``only`` are rules, none for all. Of a table the first rows are
#: looked at: those that follow are made by the same lines of a template, and take most of the time.
LOOK = """(only) => axe.run({exclude: [["tbody tr:nth-child(n+25)"]]}, {resultTypes: ["violations"], ...(only.length ? {runOnly: only} : {})})
  .then(found => found.violations.map(one => [one.id, one.help, one.nodes.slice(0, 3).map(node => node.html.slice(0, 150))]))"""
#: What may differ from the same page wide and light.
NARROW_AND_DARK = ["color-contrast", "scrollable-region-focusable", "target-size"]
WIDTH = "document.documentElement.scrollWidth"
WEIGHT = """performance.getEntries().filter(one => "decodedBodySize" in one)
  .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
#: Endpoints looked at in Dutch and printed as well.
SOME = {"web.queue", "web.batch", "web.shipment", "web.finding", "web.event_form", "web.sign_in", "web.approvals"}


@pytest.fixture(scope="module")
def toured(open_story, serve):
    """Return the application's address, its readers and every page they found; somebody has used the world before."""
    story = open_story()
    readers = {None: story.app.test_client()}
    readers |= {name: signed_in(story.app.test_client(), name, "correct horse battery staple") for name in READERS}
    for name in ("reg", "aud"):
        send(readers[name], "/search/purpose", purpose="checks of importers")
    parties = story.parties
    world = World(story.service, readers, PARTS, parties["mine"].did, parties["trader"].did, MIX, "NL-2026-0002")
    return serve(story.app), readers, walk(story.app, readers, tell(world)), story.app


@pytest.fixture(scope="module")
def context_of(toured, chromium):
    """``context_of("anna")``: a browser in which somebody is signed in, with axe-core on every page."""
    address, readers, _, app = toured
    cookie = app.config["SESSION_COOKIE_NAME"]
    opened = []

    def make(reader):
        context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 800})
        context.add_init_script(path=AXE)
        session = readers[reader].get_cookie(cookie)
        if session is not None:
            context.add_cookies([{"name": cookie, "value": session.value, "url": address}])
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def test_no_page_is_left_out(toured):
    _, _, found, app = toured
    assert endpoints(app) - {one.endpoint for one in found} == set(), "a page that no link leads to"
    assert set(NO_PAGES) <= {rule.endpoint for rule in app.url_map.iter_rules()}, "an exception for what is not there"


def test_every_page_is_accessible_fits_a_phone_and_weighs_little(toured, context_of):
    problems = []
    for reader, pages in groupby(sorted(toured[2], key=lambda one: str(one.reader)), lambda one: one.reader):
        page = context_of(reader).new_page()
        for one in pages:
            problems += [f"{one.address}: {': '.join(map(str, wrong))}" for wrong in looked_at(page, one)]
    assert not problems, "\n".join(problems)


def looked_at(page, one):
    """Yield what is wrong with a page: wide and light, narrow, dark, and for some in Dutch and on paper."""
    page.set_viewport_size({"width": 1280, "height": 800})
    answer = page.goto(one.address)
    if answer.status != 200:
        yield ("status", answer.status)
    yield from (("1280 px", *wrong) for wrong in page.evaluate(LOOK, []))
    if (weight := page.evaluate(WEIGHT)) > MOST_BYTES:
        yield ("weight", weight)
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    if (width := page.evaluate(WIDTH)) > 320:
        yield ("wider than 320 px", width)
    yield from (("320 px, dark", *wrong) for wrong in page.evaluate(LOOK, NARROW_AND_DARK))
    if one.endpoint in SOME:
        yield from in_dutch_and_on_paper(page, one)
    page.emulate_media(color_scheme="light", media="screen")


def in_dutch_and_on_paper(page, one):
    cookie = {"name": "language", "value": "nl", "url": page.url}
    page.context.add_cookies([cookie])
    page.goto(one.address)
    if page.get_attribute("html", "lang") != "nl":
        yield ("in Dutch", "it is not")
    if (width := page.evaluate(WIDTH)) > 320:
        yield ("in Dutch, wider than 320 px", width)
    page.emulate_media(color_scheme="light", media="print")
    yield from (("on paper", *wrong) for wrong in page.evaluate(LOOK, ["color-contrast"]))
    page.context.add_cookies([{**cookie, "value": "en"}])
