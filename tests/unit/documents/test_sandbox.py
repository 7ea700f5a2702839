import io
import os
import signal
import threading
from contextlib import nullcontext

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, NameObject

from traceability.documents import child, compose, frames, limits, sandbox
from traceability.documents.batch import screen_assertions, screen_passages
from traceability.documents.report import Report
from traceability.errors import InvalidInput, Unavailable


def test_frames_round_trip():
    stream = io.BytesIO()
    frames.write_json(stream, {"a": "\ud800é"})
    stream.seek(0)
    assert frames.read_json(stream, 100) == {"a": "\ud800é"}
    assert frames.read_json(stream, 100) is None


def test_a_frame_above_the_limit_or_cut_short():
    stream = io.BytesIO()
    frames.write_frame(stream, b"12345")
    with pytest.raises(frames.FrameTooLarge):
        frames.read_frame(io.BytesIO(stream.getvalue()), 4)
    assert frames.read_frame(io.BytesIO(stream.getvalue()[:-1]), 10) is None


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "empty.txt", "type"),
        (b"%PDF-1.4\ngarbage", "a.pdf", "broken"),
        (b"PK\x03\x04garbage", "a.docx", "type"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "type"),
    ],
)
def test_a_bad_file_is_an_outcome_and_never_free_of_findings(sandbox, data, name, reason):
    report = sandbox.screen(data, name)
    assert (report.outcome, report.reason, report.facts_type, report.text_sha256) == ("rejected", reason, "other", None)
    assert report.notes[0].code == "not_read"


def test_an_encrypted_pdf_is_said_to_be_encrypted(sandbox, pdf):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["A certificate that nobody can read."]])))
    writer.encrypt("secret", algorithm="RC4-128")
    report = sandbox.screen(written(writer), "a.pdf")
    assert (report.outcome, report.reason, report.facts_type) == ("rejected", "encrypted", "other")


def test_a_pdf_that_expands_without_measure_is_rejected_and_the_next_one_read(sandbox, pdf):
    plain = pdf([["A certificate of origin with enough words on its page."]])
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
    page = DecodedStreamObject()
    page.set_data(b"BT /F1 11 Tf 14 TL 50 780 Td " + b"(conflict free) Tj T* " * 1_000_000 + b" ET")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(page.flate_encode(9))
    bomb = written(writer)
    assert len(bomb) < 100_000
    report = sandbox.screen(bomb, "a.pdf")
    assert (report.outcome, report.facts_type, report.text_sha256) == ("rejected", "other", None)
    assert report.notes[0].code == "not_read"
    assert sandbox.screen(plain, "b.pdf").outcome == "parsed"


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_file_above_the_size_limit_is_not_sent(monkeypatch, sandbox):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 3)
    assert sandbox.screen(b"four", "a.txt").reason == "limit"


def test_the_wall_clock_ends_a_child():
    with sandbox_of(wall_seconds=0.0001) as opened:
        assert opened.screen(b"words " * 200_000, "a.txt").reason == "timeout"


def sandbox_of(**settings):
    return sandbox.Sandbox(**settings)


def test_a_killed_child_is_started_again(sandbox):
    slot = sandbox._all[0]
    slot["parse"].ask({"name": "a.txt"}, b"x")
    slot["parse"]._process.kill()
    slot["parse"]._process.wait()
    assert sandbox.screen(b"No child labour was found.", "a.txt").outcome == "parsed"


def test_children_are_recycled(monkeypatch):
    monkeypatch.setattr(limits, "DOCUMENTS_PER_CHILD", 1)
    with sandbox_of() as opened:
        parse = opened._all[0]["parse"]
        assert parse.ask({"name": "a.txt"}, b"x")["outcome"] == "parsed"
        assert parse._process is None


def test_how_a_child_ended_becomes_a_reason():
    assert sandbox._reason(-signal.SIGXCPU, late=False) == "timeout"
    assert sandbox._reason(-signal.SIGKILL, late=True) == "timeout"
    assert sandbox._reason(-signal.SIGKILL, late=False) == "limit"
    assert sandbox._reason(-signal.SIGSEGV, late=False) == "broken"


def test_a_child_that_does_not_start_is_our_fault_not_the_files(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    with sandbox_of() as opened, pytest.raises(Unavailable):
        opened.screen(b"words", "a.txt")


def test_two_threads_share_one_pool(sandbox):
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.append(sandbox.screen(b"Miners were beaten at the pit.", "a.txt")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({report.text_sha256 for report in reports}) == 1
    assert [finding.topic for finding in reports[0].findings] == ["ILO-05"]


def test_equal_bytes_give_equal_reports_and_they_round_trip(sandbox):
    data = b"Certificate of origin\nCountry of origin: Bolivia\nNet weight: 12.5 kg\nMineral: tin\nLot number: A-1\n"
    first, second = sandbox.screen(data, "a.txt"), sandbox.screen(data, "a.txt")
    assert first == second
    assert Report.from_dict(first.to_dict()) == first
    assert first.row("a.txt")["facts"]["items"][0]["kg"] == 12.5
    assert first.row("a.txt")["pages"] == 1


def test_a_stored_report_of_another_shape_is_refused(sandbox):
    stored = sandbox.screen(b"words", "a.txt").to_dict()
    with pytest.raises(InvalidInput):
        Report.from_dict({**stored, "surprise": 1})


def test_a_language_without_rules_is_a_note(sandbox):
    text = "Мы подтверждаем, что поставщик не использует принудительный труд на своих предприятиях."
    report = sandbox.screen(text.encode(), "a.txt")
    assert [note.code for note in report.notes] == ["language_not_covered"]


def test_lines_for_the_command_line(sandbox, monkeypatch):
    monkeypatch.setattr("traceability.documents.sandbox.Sandbox", lambda: nullcontext(sandbox))
    (row,) = screen_assertions([{"id": "7", "text": "We found no child labour.", "target": {"start": 12, "end": 24}}])
    assert row == {
        "id": "7",
        "concept": "CHILD_LABOUR",
        "assertion": "negated",
        "country": None,
        "region": None,
        "risk": False,
    }
    (row,) = screen_passages(
        [{"id": "8", "text": "Auditors found that workers' passports were withheld at the cobalt plant."}]
    )
    assert (row["id"], row["risk"]) == ("8", True)
    assert row["labels"] == ["FORCED_LABOUR_INCIDENT", "MINERAL"]
    assert [span["text"] for span in row["spans"]] == ["cobalt"]


def test_lines_that_end_a_child_are_our_fault(sandbox):
    with pytest.raises(Unavailable):
        sandbox.lines("passages", [{"no": "text"}])


def test_what_a_parser_raises_becomes_a_reason():
    def fails(error):
        def work(request, data):
            raise error

        return work

    assert child.answer(fails(MemoryError()), {}, b"") == {"error": "limit"}
    assert child.answer(fails(RecursionError()), {}, b"") == {"error": "limit"}
    assert child.answer(fails(KeyError("x")), {}, b"")["error"] == "broken"
    assert child.answer(lambda request, data: {"ok": 1}, {}, b"") == {"ok": 1}


def test_every_reason_has_its_words():
    for reason in compose._WHY:
        assert compose.rejected(b"x", reason).reason == reason


def test_limits_hold_in_a_process_of_their_own():
    if os.fork() == 0:
        try:
            limits.renew_cpu()
            limits.lock_down(10_000_000_000)
            limits.limit_memory(100_000_000)
            try:
                bytearray(500_000_000)
            except MemoryError:
                os._exit(0)
        finally:
            os._exit(1)
    _, status = os.wait()
    assert os.waitstatus_to_exitcode(status) == 0
