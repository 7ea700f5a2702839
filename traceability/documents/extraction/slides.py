"""Presentations (ISO/IEC 29500 PresentationML): each slide is a page, with its tables as rows and its notes last."""

import io
import posixpath
import zipfile

from traceability.documents.extraction.extracted import Builder, Refused
from traceability.documents.extraction.packages import elements, members, note_pictures, paragraphs
from traceability.documents.extraction.rows import Lines
from traceability.documents.limits import MAX_PAGES, OFFICE_BYTES, limit_memory

_FEW = 20
_TITLES = frozenset({"title", "ctrTitle", "subTitle"})
_BESIDE = ("/notesSlide", "/comments", "/diagramData", "/chart")


def read(data: bytes, builder: Builder) -> None:
    """Read every slide of a PPTX in the order it is shown; the caller has judged the archive before."""
    limit_memory(OFFICE_BYTES)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        slides = _order(opened)
        if len(slides) > MAX_PAGES:
            raise Refused("limit")
        for name in slides:
            _page(opened, name, builder)
        note_pictures(opened, r"ppt/media/.+", builder)


def _page(opened: zipfile.ZipFile, name: str, builder: Builder) -> None:
    lines = Lines()
    picture = _slide(opened, name, lines)
    for beside in _related(opened, name, _BESIDE).values():
        for text in paragraphs(opened, beside):
            lines.add("paragraph", text)
    builder.page(lines.text, lines.blocks)
    if picture and len(lines.text.strip()) < _FEW:
        builder.unread.append(builder.last_page)


def _order(opened: zipfile.ZipFile) -> list[str]:
    """Return the slides as the presentation lists them, then those it does not list: they hold text all the same."""
    main = "ppt/presentation.xml"
    known = members(opened, r"ppt/slides/[^/]+\.xml")
    if main not in opened.namelist():
        raise Refused("broken")
    by_id = _related(opened, main, ("/slide",))
    listed = []
    for event, element, name in elements(opened, main):
        if event == "start" and name == "sldId":
            key = next((value for label, value in element.attrib.items() if label.endswith("}id")), "")
            listed.append(by_id.get(key, ""))
    order = [name for name in dict.fromkeys(listed) if name in known]
    return order + [name for name in known if name not in order]


def _related(opened: zipfile.ZipFile, name: str, kinds: tuple[str, ...]) -> dict[str, str]:
    """Return the parts of some kinds that a part names, by the identifier of the relationship."""
    folder, _, file = name.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels"
    names = set(opened.namelist())
    found: dict[str, str] = {}
    for event, element, local in elements(opened, rels) if rels in names else ():
        if event == "start" and local == "Relationship" and element.get("Type", "").endswith(kinds):
            target = posixpath.normpath(posixpath.join("/" + folder, element.get("Target", ""))).lstrip("/")
            if target in names:
                found[element.get("Id", "")] = target
    return found


def _slide(opened: zipfile.ZipFile, name: str, lines: Lines) -> bool:
    """Add the text of a slide; tell whether there is a picture on it."""
    text: list[str] = []
    cells: list[str] = []
    title = picture = False
    row = False
    for event, element, local in elements(opened, name):
        picture = picture or local in {"pic", "blip"}
        if event == "start":
            row = row or local == "tr"
            title = False if local == "sp" else title or (local == "ph" and element.get("type") in _TITLES)
            continue
        if local in {"t", "br", "tab"}:
            text.append((element.text or "") if local == "t" else " ")
        elif local == "p" and not row:
            lines.add("heading" if title else "paragraph", _taken(text))
        elif local == "p":
            text.append(" ")
        elif local == "tc":
            cells.append(_taken(text))
        elif local == "tr":
            lines.row(cells)
            cells, row = [], False
    return picture


def _taken(text: list[str]) -> str:
    whole = " ".join("".join(text).split())
    text.clear()
    return whole
