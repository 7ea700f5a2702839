"""Gathering lists from a real server on loopback: what is there is bundled with its source, what is not is told."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from traceability.cli import download as downloads
from traceability.cli.download import download
from traceability.errors import InvalidInput, TooLarge, Unavailable
from traceability.lists import gathered
from traceability.lists.bundle import unpack
from traceability.lists.readers.formats import FORMATS

FILES = {"/un.xml": b"<CONSOLIDATED_LIST/>", "/sdn": b"1,A\r\n\x1a", "/alt": b"2", "/add": b"3", "/sdn_comments": b"4"}


class _Publisher(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path in FILES:
            self._answer(200, FILES[self.path], {"Content-Type": "text/csv; charset=utf-8"})
        elif self.path == "/short":
            self._answer(200, b"half", {"Content-Length": "4000"})
        elif self.path == "/endless":
            self._answer(200, b"x" * 2000, {})
        elif self.path.startswith("/to/"):
            self._answer(302, b"", {"Location": self.path[4:]})
        elif self.path == "/slow":
            self.server.released.wait(20)
        else:
            self._answer({"/empty": 200, "/robots": 403}.get(self.path, 404), b"", {})

    def _answer(self, code, body, headers):
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def publisher(monkeypatch):
    """Return the address of a publisher; plain http is let through, since there is no certificate here."""
    monkeypatch.setattr(downloads, "SCHEMES", ("http",))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Publisher) as httpd:
        httpd.released = threading.Event()
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.released.set()
        httpd.shutdown()
        thread.join()


def files_in(path, tmp_path):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    unpack(path.read_bytes(), folder)
    return gathered.read(folder)


def ofac(base):
    return [f"--address=ofac-csv/{part}={base}/{part}" for part in ("sdn", "alt", "add", "sdn_comments")]


def test_what_is_offered_is_bundled_with_address_moment_and_sum(run, publisher, tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(b"<html>")
    done = run(
        "lists", "fetch", "un-sc", "us-ofac-sdn", "--out", tmp_path / "b.zip", f"--address=un-xml={publisher}/un.xml",
        *ofac(publisher), "--saved", f"us-uflpa={page}", "--retrieved", "2026-11-20", "--json",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    found = {(said.list_id, said.part): (said, data) for said, data in files_in(tmp_path / "b.zip", tmp_path)}
    assert len(done.json) == len(found) == 6
    said, data = found["un-sc", ""]
    assert (data, said.address, said.format) == (FILES["/un.xml"], f"{publisher}/un.xml", "un-xml")
    assert (said.retrieved_at, said.media_type) == ("2026-11-23T09:00:00+00:00", "text/csv")
    assert (said.sha256, said.size) == (hashlib.sha256(data).hexdigest(), str(len(data)))
    assert found["us-ofac-sdn", "sdn"][1] == FILES["/sdn"]
    said, data = found["us-uflpa", ""]
    assert (said.retrieved_at, said.address) == ("2026-11-20", "https://www.dhs.gov/uflpa-entity-list")
    assert (said.file, said.media_type, data) == ("us-uflpa.html", "text/html", b"<html>")


def test_what_cannot_be_had_is_told_and_the_rest_goes_on(run, publisher, tmp_path):
    done = run(
        "lists", "fetch", "un-sc", "us-csl", "--out", tmp_path / "b.zip", f"--address=un-xml={publisher}/un.xml",
        f"--address=csl-csv={publisher}/robots",
    )  # fmt: skip
    assert done.code == 1
    assert f"csl-csv ({publisher}/robots): it answers 403" in done.err
    assert [said.list_id for said, _ in files_in(tmp_path / "b.zip", tmp_path)] == ["un-sc"]


def test_a_list_of_several_files_is_bundled_whole_or_not_at_all(run, publisher, tmp_path):
    missing = [one.replace(f"{publisher}/alt", f"{publisher}/gone") for one in ofac(publisher)]
    done = run("lists", "fetch", "us-ofac-sdn", "--out", tmp_path / "b.zip", *missing, "--json")
    assert (done.code, (tmp_path / "b.zip").exists()) == (1, False)
    assert "ofac-csv: not all of its files are there" in done.err
    assert "nothing was gathered" in done.err
    assert [("error" in row) for row in done.json] == [False, True, False, False]


def test_saved_files_of_a_set_go_by_their_names(run, tmp_path):
    for name in ("sdn", "alt", "add", "sdn_comments"):
        (tmp_path / f"{name}.csv").write_bytes(name.encode())
    given = [f"--saved=us-ofac-sdn={tmp_path}/{name}.csv" for name in ("sdn", "alt", "add")]
    last = f"--saved=ofac-csv/sdn_comments={tmp_path}/sdn_comments.csv"
    done = run(
        "lists", "fetch", "us-ofac-sdn", "--out", tmp_path / "b.zip", *given, last, "--retrieved", "2026-11-20"
    )  # fmt: skip
    assert done.code == 0
    assert [(said.part, data.decode()) for said, data in files_in(tmp_path / "b.zip", tmp_path)] == [
        (name, name) for name in ("sdn", "alt", "add", "sdn_comments")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no list or format 'nowhere'"),
        (["us-uflpa"], "not offered to programs: save it from https://www.dhs.gov/uflpa-entity-list"),
        (["un-sc", "--address", "csl-csv=https://x.example/"], "--address names 'csl-csv'"),
        (["un-sc", "--address", "csl-csv"], "expected NAME=VALUE"),
        (["un-sc", "--saved", "nowhere=page.html", "--retrieved", "2026-11-20"], "expected a list or format"),
        (["un-sc", "--saved", "us-uflpa=page.html"], "say with --retrieved"),
        (["un-sc", "--saved", "us-uflpa=page.html", "--retrieved", "yesterday"], "say with --retrieved"),
        (["--saved", "us-ofac-sdn=page.html", "--retrieved", "2026-11-20"], "expected the files sdn, alt, add"),
        (["--saved", "ofac-csv/sdx=page.html", "--retrieved", "2026-11-20"], "has no file 'sdx'"),
    ],
)
def test_what_is_asked_wrongly_fetches_nothing(run, tmp_path, arguments, said):
    done = run("lists", "fetch", *arguments, "--out", tmp_path / "b.zip")
    assert (done.code, said in done.err) == (2, True), done.err


# -- one file


@pytest.mark.parametrize("address", ["http://127.0.0.1/x", "ftp://127.0.0.1/x", "file:///etc/hostname", "https:///x"])
def test_only_https_is_fetched(address):
    with pytest.raises(InvalidInput, match="expected an address with https"):
        download(address)


def test_a_redirect_is_followed_to_the_same_kind_of_address_alone(publisher):
    assert download(f"{publisher}/to/{publisher}/un.xml") == (FILES["/un.xml"], "text/csv")
    for elsewhere in ("ftp://127.0.0.1/un.xml", "https://127.0.0.1:1/un.xml"):
        with pytest.raises(Unavailable, match=f"it leads to '{elsewhere[:8]}"):
            download(f"{publisher}/to/{elsewhere}")


@pytest.mark.parametrize(
    ("path", "said"),
    [("/gone", "answers 404"), ("/short", "ended early: 4 bytes of 4000"), ("/empty", "ended early: 0 bytes")],
)
def test_what_is_not_whole_is_not_taken(publisher, path, said):
    with pytest.raises(Unavailable, match=said):
        download(publisher + path)


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(downloads, "SCHEMES", ("http",))
    with pytest.raises(Unavailable, match="does not answer"):
        download("http://127.0.0.1:1/x")


def test_an_answer_is_waited_for_a_while_only(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "_TIMEOUT", 0.05)
    with pytest.raises(Unavailable, match="does not answer"):
        download(f"{publisher}/slow")
    seconds = iter([0, downloads._LONGEST + 1])
    with pytest.raises(Unavailable, match="more than 900 seconds"):
        download(f"{publisher}/endless", lambda: next(seconds))


def test_what_is_larger_than_any_list_is_not_taken(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge):
        download(f"{publisher}/endless")


def test_every_list_that_is_fetched_has_an_address_with_https():
    for form in FORMATS.values():
        if form.gathering != "by_hand":
            assert all(part.address.startswith("https://") for part in form.parts), form.format_id
