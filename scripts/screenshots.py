"""Photographs every page of the demonstration, as its first reader sees it, for ``docs/pages.md``.

Usage: ``make screenshots``; needs the Chromium of the browser tests. The demonstration
is made anew in a folder that is removed; its pictures differ in ids and moments from those of the run before.
"""

import base64
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from console_tour.cases import World, send, signed_in, tell
from console_tour.pages import Found, NotToured, endpoints, walk
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from traceability.app import create_app
from traceability.cli.logs import configure_logs
from traceability.config import Settings
from traceability.demo.cast import GOMA, KIVU
from traceability.demo.chains import stories
from traceability.demo.run import Outcome, run
from traceability.demo.state import pinned
from traceability.services.context import open_service
from traceability.storage.migrate import migrate

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images" / "pages"
WIDE, HIGH, MOST = 1280, 800, 1400
MOST_BYTES, QUALITIES = 70_000, (0.6, 0.45, 0.3, 0.15)
_PARTS = {"officer": "officer", "second": "officer2", "admin": "admin", "dpo": "dpo"}
_PASSWORD = "a long password of the pictures"  # noqa: S105  # of a world that ends with this script
#: A photograph as WebP: the browser that took it writes it small.
_SMALL = """async ([png, quality]) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = document.createElement("canvas");
  canvas.width = picture.width; canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


def main() -> None:
    """Make the demonstration, walk through it, and write a picture and a line for each page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = pinned(Settings(database_url=f"sqlite:///{folder}/demo.db", state_dir=Path(folder) / "state"))
        configure_logs("text")
        logging.getLogger().setLevel(logging.ERROR)  # not a line for each request
        migrate(settings.database_url)
        service = open_service(settings)
        try:
            outcome = run(service)
            app = create_app(service=service)
            readers = _readers(app, outcome)
            goma = next(story for story in stories() if GOMA.slug in story.batch)
            record = goma.shipment["shipment_id"]
            more = tell(World(service, readers, _PARTS, GOMA.did, KIVU.did, goma.batch, record))
            found = walk(app, readers, more)
            _write(app, readers, _one_of_each(found))
        finally:
            service.close()


def _readers(app: Flask, outcome: Outcome) -> Mapping[str | None, FlaskClient]:
    readers: dict[str | None, FlaskClient] = {None: app.test_client()}
    for one in outcome.accounts:
        readers[one.name] = signed_in(app.test_client(), one.name, one.password, _PASSWORD)
    send(readers["regulator"], "/search/purpose", purpose="checks of importers")
    return readers


def _one_of_each(found: list[Found]) -> list[Found]:
    """Return the first address of every page, in the order in which they are found."""
    first: dict[str, Found] = {}
    for one in found:
        first.setdefault(one.endpoint, one)
    return list(first.values())


def _write(app: Flask, readers: Mapping[str | None, FlaskClient], found: list[Found]) -> None:
    missing = endpoints(app) - {one.endpoint for one in found}
    if missing:
        raise NotToured(f"no link leads to {', '.join(sorted(missing))}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.webp"):
        old.unlink()
    lines, total = [], 0
    with _browser(app, readers) as page_of:
        for one in found:
            page = page_of(one.reader)
            page.goto(one.address)
            picture = _photograph(page)
            name = one.endpoint.removeprefix("web.")
            (IMAGES / f"{name}.webp").write_bytes(picture)
            total += len(picture)
            lines.append(_line(app, one, name, page.locator("h1").inner_text()))
    (ROOT / "docs" / "pages.md").write_text(_HEAD + "\n".join(lines))
    print(f"{len(found)} pictures, {total // 1000} kB")


def _photograph(page: Any) -> bytes:
    """Return the first part of a page, as small as it has to be."""
    high = min(MOST, page.evaluate("document.documentElement.scrollHeight"))
    png = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDE, "height": high}, animations="disabled")
    blank = page.context.new_page()
    for quality in QUALITIES:
        small: str = blank.evaluate(_SMALL, [base64.b64encode(png).decode(), quality])
        if len(small) * 3 // 4 <= MOST_BYTES:
            break
    blank.close()
    return base64.b64decode(small)


_HEAD = """# The pages of the console

Every page as the demonstration shows it to its first reader, at 1280 pixels; a long one is cut. `make screenshots`
takes them anew. Tests look at the same pages with axe-core, on a phone, in the dark and on paper.

"""


def _line(app: Flask, one: Found, name: str, title: str) -> str:
    said = (app.view_functions[one.endpoint].__doc__ or "").strip().partition("\n")[0]
    rule = next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == one.endpoint)
    who = one.reader or "anybody"
    return f"## {title}\n\n`{rule}`, here for: {who}. {said}\n\n![{title}](images/pages/{name}.webp)\n"


@contextmanager
def _browser(app: Flask, readers: Mapping[str | None, FlaskClient]) -> Iterator[Any]:
    """Serve the application and yield what gives a reader's page."""
    from playwright.sync_api import sync_playwright

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    address, cookie, pages = f"http://127.0.0.1:{server.server_port}", app.config["SESSION_COOKIE_NAME"], {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def page_of(reader: str | None) -> Any:
            if reader not in pages:
                context = browser.new_context(base_url=address, viewport={"width": WIDE, "height": HIGH})
                session = readers[reader].get_cookie(cookie)
                if session is not None:
                    context.add_cookies([{"name": cookie, "value": session.value, "url": address}])
                pages[reader] = context.new_page()
            return pages[reader]

        yield page_of
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


if __name__ == "__main__":
    main()
