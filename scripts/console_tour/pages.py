"""Finds every page of the console as its readers find it: from the first page of a role along its links.

What the tests look at and what is photographed for docs/pages.md is the same list, and nobody writes it down: it is
held against the url map, so that a page which no link reaches is told.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

#: What a browser opens and is no page: endpoint and reason.
NO_PAGES: Mapping[str, str] = {
    "web.asset": "a stylesheet, a script or an icon",
    "web.home": "leads to the first page of a role",
    "web.hit": "leads to the page on which a hit is judged",
    "web.template": "a spreadsheet to fill in",
    "web.document_content": "the file somebody handed in",
    "web.document_by_hash": "leads to the page of a document",
    "web.report_file": "a file for an authority",
}
UNLINKED: Final = ("/-/patterns",)
"""Pages for who builds the console, to which no link leads."""
_TWINS = ("_json", "_csv")


class NotToured(Exception):
    """The console refused what its readers do on their way."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page: its endpoint, who reads it (None for somebody not signed in) and the address it was found at."""

    endpoint: str
    reader: str | None
    address: str


def endpoints(app: Flask) -> set[str]:
    """Return the endpoint of every page of the console."""
    got = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {name for name in got if name.startswith("web.") and not name.endswith(_TWINS)}
    return pages - set(NO_PAGES)


def walk(app: Flask, readers: Mapping[str | None, FlaskClient], more: Iterable[Found] = ()) -> list[Found]:
    """Return every page that is found, each once, and the first page of every reader.

    Args:
        app: the application.
        readers: by sign-in name a client that is signed in; None is somebody who is not.
        more: pages that nobody is led to by a link, such as one that is sent by letter.

    Raises:
        NotToured: a link leads to an error.

    """
    found = list(more)
    for reader, client in readers.items():
        found += _walked(app, reader, client, {one.endpoint for one in found})
    return found


def _walked(app: Flask, reader: str | None, client: FlaskClient, known: set[str]) -> Iterator[Found]:
    waits, first = deque(["/sign-in"] if reader is None else ["/", *UNLINKED]), True
    while waits:
        address = waits.popleft()
        endpoint = _endpoint(app, address)
        if endpoint is None or (endpoint in known and not first):
            continue
        answer = client.get(address)
        if answer.status_code == HTTPStatus.SEE_OTHER:
            waits.appendleft(urljoin(address, answer.headers["Location"]))
            continue
        if answer.status_code != HTTPStatus.OK:
            raise NotToured(f"{reader} opens {address} and gets {answer.status_code}")
        known.add(endpoint)
        first = False
        yield Found(endpoint, reader, address)
        if address not in UNLINKED:  # the components lead nowhere: what they show is invented
            waits.extend(_links(address, answer.get_data(as_text=True)))


def _links(address: str, text: str) -> list[str]:
    """Return where the links of a page lead on this server, without their fragments."""
    given = html.fromstring(text).xpath("//a/@href")
    return [urljoin(address, one).partition("#")[0] for one in given if not urlsplit(one).netloc]


def _endpoint(app: Flask, address: str) -> str | None:
    """Return the endpoint of a page or of what leads to one; None for a twin, a file or an address of the API."""
    try:
        name: str = app.url_map.bind("localhost").match(urlsplit(address).path, method="GET")[0]
    except (HTTPException, RequestRedirect):
        return None
    leads = NO_PAGES.get(name, "leads").startswith("leads")
    return name if name.startswith("web.") and not name.endswith(_TWINS) and leads else None
