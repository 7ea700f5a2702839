"""What admins and officers see of old lists on their pages, and the page of one list."""

import re
from collections.abc import Callable
from typing import Any

from traceability.services.reminding import Round, remind
from traceability.services.users import users

BANNER = re.compile(r'<section class="banner[^>]*aria-label="Old risk lists">.*?</section>', re.DOTALL)


def banner(reader: Any, address: str) -> str:
    answer = reader.get(address)
    assert answer.status_code == 200, address
    found = BANNER.search(answer.get_data(as_text=True))
    return found[0] if found else ""


def test_an_admin_is_told_on_every_page_what_to_do(story: Any, reader: Callable[..., Any]) -> None:
    adam = reader("adam")
    assert not banner(adam, "/lists"), "nobody is reminded before it was looked"
    remind(story.service, Round())
    for address in ("/lists", "/approvals", "/users", "/password"):
        said = banner(adam, address)
        assert "UN Security Council list is 269 days old, at most 30: finding nothing in it means little" in said
        assert "<code>traceability lists load BUNDLE.zip</code>" in said
        assert "traceability lists fetch" in said
        assert '<a href="/lists/un-sc">' in said
        assert ("<details open>" in said) == (address == "/lists"), "six of them are folded elsewhere"


def test_an_officer_is_told_of_the_lists_of_open_batches_and_that_an_admin_loads_them(
    story: Any, reader: Callable[..., Any]
) -> None:
    remind(story.service, Round())
    said = banner(reader("anna"), "/queue")
    assert "UN Security Council list is 269 days old" in said
    assert "OFAC" not in said, "nothing is bound for the United States"
    assert "Ask an admin to load a newer version" in said
    assert "lists load" not in said
    assert "<details open>" in said
    for other in ("ines", "sam", "reg", "dora"):
        assert not banner(reader(other), "/lists")
    assert not banner(reader("rita"), "/queue"), "her importer has no open batches"
    shown = reader("anna").get("/v1/reminders").json["reminders"]
    assert [(one["list_id"], one["level"]) for one in shown] == [("un-sc", "overdue")]


def test_the_page_of_a_list_shows_versions_age_and_what_changed(read_only: Callable[..., Any]) -> None:
    adam = read_only("adam")
    shown = adam.get("/lists/un-sc.json").json
    assert (shown["level"], shown["age_days"], shown["max_age_days"]) == ("overdue", 269, 30)
    assert shown["counts"] == {"added": 1003, "removed": 0, "changed": 0}
    assert len(shown["tables"]["changes"]) == 200
    assert "leaves out more than a tenth of the 1003 entries in force is refused" in shown["guard"]
    html = adam.get("/lists/un-sc").get_data(as_text=True)
    more = re.search(r'<a href="([^"]+)">The next 200 changes</a>', html)
    assert more
    rest = adam.get(more[1].replace("&amp;", "&").replace("/lists/un-sc?", "/lists/un-sc.json?")).json["tables"][
        "changes"
    ]
    assert not {row["key"] for row in rest} & {row["key"] for row in shown["tables"]["changes"]}
    assert 'href="/lists/un-sc"' in adam.get("/lists").get_data(as_text=True)


def test_a_supplier_sees_versions_and_no_entries(read_only: Callable[..., Any]) -> None:
    shown = read_only("sam").get("/lists/un-sc.json").json
    assert list(shown["tables"]) == ["versions"]
    assert "counts" not in shown
    assert read_only("sam").get("/lists/none").status_code == 404


def test_addresses_are_set_by_their_owner_and_by_an_admin(story: Any, reader: Callable[..., Any]) -> None:
    def addresses() -> dict[str, str | None]:
        return {row.name: row.email for row in users(story.service, story.actor("adam"))}

    anna, adam = reader("anna"), reader("adam")
    assert anna.send("/email", email="anna@importer.example").status_code == 303
    assert 'value="anna@importer.example"' in anna.get("/password").get_data(as_text=True)
    assert adam.send("/users/email", user="boris", email=" boris@importer.example ").status_code == 303
    assert (addresses()["anna"], addresses()["boris"]) == ("anna@importer.example", "boris@importer.example")
    refused = anna.send("/email", email="anna@importer.example\r\nBcc: x@y.example")
    assert refused.status_code == 400
    assert "expected an address such as" in refused.get_data(as_text=True)
    assert anna.send("/users/email", user="boris", email="x@y.example").status_code == 403
    assert anna.send("/email", email="").status_code == 303
    assert (addresses()["anna"], addresses()["boris"]) == (None, "boris@importer.example")


def test_whoever_is_told_of_requests_and_contests_by_mail_has_a_form_for_the_address(
    read_only: Callable[..., Any],
) -> None:
    for name, takes in (("sam", True), ("ines", True), ("anna", True), ("reg", False), ("dora", False)):
        html = read_only(name).get("/password").get_data(as_text=True)
        assert ('action="/email"' in html) == takes, name
