"""The console in a real browser: two officers decide with and without JavaScript, keyboard only, print."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

PASSWORD = "correct horse battery staple"
REASON = "The party proved that it is another company."
MIX = quote("https://id.trader.example/lot/MIX-1", safe="")


@pytest.fixture
def address(story: Any, serve: Any) -> str:
    return serve(story.app)


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Any]:
    """``visit("anna", **context)``: a page on which somebody is signed in; what it logs is an error."""
    contexts: list[Any] = []
    said: list[str] = []

    def sign_in(name: str, **options: Any) -> Any:
        context = chromium.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
        page.goto("/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)  # a key pressed earlier goes to the page that is left
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("javascript", [True, False])
def test_two_officers_decide_a_finding(visit, javascript):
    anna = visit("anna", java_script_enabled=javascript)
    anna.get_by_role("link", name="NL-2026-0002").click()
    anna.get_by_role("link", name="Decide", exact=True).click()
    for box in anna.get_by_role("checkbox").all():
        box.check()
    anna.get_by_label("Release", exact=True).check()
    anna.get_by_label("Kind of reason").select_option("evidence_sufficient")
    anna.get_by_label("Reason", exact=True).fill(REASON)
    anna.get_by_role("button", name="Preview").click()
    assert anna.get_by_text("waits for a second officer").is_visible()
    anna.get_by_role("button", name="Record this decision").click()
    assert anna.get_by_text("You proposed this").is_visible()

    boris = visit("boris", java_script_enabled=javascript)
    boris.get_by_role("link", name="1 proposal").click()
    boris.get_by_role("link", name="released").click()
    boris.get_by_label("Your reason").fill(REASON)
    boris.get_by_role("button", name="Confirm the proposal").click()
    assert boris.get_by_text("in force").is_visible()
    boris.goto("/queue")
    assert boris.get_by_role("row", name="NL-2026-0002").get_by_text("Held").count() == 0


def test_a_finding_is_decided_with_the_keyboard_alone(visit):
    page = visit("anna")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/shipment**")
    _tab_to(page, "Decide")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide**")
    page.keyboard.press("3")
    assert page.get_by_label("Suspend the trade").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(REASON + " 12345")
    assert page.get_by_label("Suspend the trade").is_checked(), "hotkeys are off while a field has the focus"
    _tab_to(page, "Preview")
    page.keyboard.press("Enter")
    page.wait_for_selector(".preview")
    _tab_to(page, "Record this decision")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Decision: suspended"


def _tab_to(page, name):
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == name:
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key")


def test_the_skip_link_comes_first_and_the_focus_is_visible(visit):
    page = visit("anna")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_keys_can_be_shown_and_switched_off(visit):
    page = visit("anna")
    page.keyboard.press("?")
    page.get_by_label("Keys are off").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert page.locator("tr.here").count() == 0


def test_a_row_is_assigned_with_the_keyboard_and_kept_as_a_view(visit):
    page = visit("anna")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_label("Assign the ticked rows to").press("b")
    _tab_to(page, "Assign")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="boris").wait_for()
    assert page.get_by_role("cell", name="boris").count() == 1
    page.goto("/queue?assignee=boris")
    page.get_by_text("Keep these filters as a view").click()
    page.get_by_label("Name of the view").fill("with Boris")
    page.get_by_role("button", name="Keep the view").click()
    page.get_by_role("link", name="with Boris").wait_for()
    page.goto("/queue")
    page.get_by_role("link", name="with Boris").click()
    page.wait_for_url("**assignee=boris")
    assert page.get_by_role("cell", name="boris").count() == page.locator("tbody tr").count() == 1


def test_print_leaves_out_the_navigation_and_keeps_the_verdict(visit):
    page = visit("anna")
    page.goto(f"/batch?id={MIX}")
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert page.locator(".verdict").is_visible()
    assert page.locator("table[data-table=events]").is_visible()
