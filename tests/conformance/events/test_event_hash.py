"""The CBV 2.0 event hash, exact against the published values; XML events are turned into their JSON binding first."""

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from traceability import strict_json
from traceability.events.event_hash import document_hashes, event_hash, pre_hash
from traceability.events.reading import event_list

JSON_VECTORS = """
CertificationInfoAndSensorReportWithCRS ReferenceEventHashAlgorithm2 TimeStampRoundOff
epcisDocHavingEventWithIgnoreFields epcisDocWithCustomSchemaInContext epcisDocWithDefaultSchemaInContext
epcisDocWithSensorComponent epcisDocWithSensorDataObjectEvent epcisDocWithSingleEvent epcisDocWithVariousEventTypes
epcisEventWithCURIEs epcisQueryDocHavingEventWithIgnoreFields epclist_normalisation persistentDisposition
""".split()  # noqa: SIM905  # file names, as a list of a folder shows them
XML_VECTORS = """
CertificationInfoAndSensorReportWithCRS ReferenceEventHashAlgorithm2 epcisDocWithSensorComponent
epcisDocWithTransformationEventWithExtension epcisDocWithTransformationEventWithMultipleExtensions
epcisDocWithVariousEventTypes epcisEventWithCURIEs epcisXmlDocHavingEventWithIgnoreFields persistentDisposition
""".split()  # noqa: SIM905  # as above
LISTS = {"epcList": "epc", "inputEPCList": "epc", "outputEPCList": "epc", "childEPCs": "epc"}
TYPED = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}


def published(folder: Path, name: str, suffix: str) -> list[str]:
    return [line for line in (folder / f"{name}.{suffix}").read_text().splitlines() if line.strip()]


def local(tag: str) -> str:
    return tag.partition("}")[2] or tag


def term(tag: str, prefixes: dict[str, str]) -> str:
    """Return the JSON name of an XML element: extensions as prefix:name with a prefix made for their name space."""
    space, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    if not space:
        return name
    return f"{prefixes.setdefault(space, f'ns{len(prefixes)}')}:{name}"


def generic(element: ET.Element, prefixes: dict[str, str]) -> Any:
    if len(element) == 0:
        return (element.text or "").strip()
    made: dict[str, list[Any]] = {}
    for child in element:
        made.setdefault(term(child.tag, prefixes), []).append(generic(child, prefixes))
    return made


def attributes(element: ET.Element, prefixes: dict[str, str]) -> dict[str, Any]:
    children = {term(child.tag, prefixes): generic(child, prefixes) for child in element}
    return {term(name, prefixes): value for name, value in element.attrib.items()} | children


def sensor(element: ET.Element, prefixes: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"sensorReport": []}
    for child in element:
        if child.tag == "sensorReport":
            made["sensorReport"].append(attributes(child, prefixes))
        elif child.tag == "sensorMetadata":
            made["sensorMetadata"] = attributes(child, prefixes)
        else:
            made[term(child.tag, prefixes)] = generic(child, prefixes)
    return made


def field(element: ET.Element, prefixes: dict[str, str]) -> Any:
    """Return the JSON value of one field of an XML event."""
    name = element.tag
    if name in LISTS:
        return [child.text for child in element]
    if name in TYPED:
        return [{"type": child.get("type"), TYPED[name]: child.text} for child in element]
    if name.endswith("uantityList"):
        return [{part.tag: part.text for part in entry} for entry in element]
    if name == "sensorElementList":
        return [sensor(child, prefixes) for child in element]
    if name == "persistentDisposition":
        return {side: [child.text for child in element if child.tag == side] for side in {c.tag for c in element}}
    return generic(element, prefixes) if name != "ilmd" else {term(c.tag, prefixes): c.text for c in element}


def xml_event(element: ET.Element, prefixes: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": local(element.tag)}
    for child in element:
        for part in child if child.tag in ("extension", "baseExtension") else [child]:
            made[term(part.tag, prefixes)] = field(part, prefixes)
    return made


def xml_events(path: Path) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """Return the events of an XML document, its prefixes, and the extension fields it tells a hash to ignore."""
    root = ET.parse(path).getroot()
    prefixes: dict[str, str] = {"https://gs1.org/voc/": "gs1"}
    ignored = [term(one.tag, prefixes) for child in root if local(child.tag) == "ignoreFields" for one in child]
    holder = next(element for element in root.iter() if local(element.tag) == "EventList")
    return [xml_event(element, prefixes) for element in holder], prefixes, ignored


@pytest.fixture(scope="session")
def folder(vectors: Path) -> Path:
    return vectors / "event-hash-vectors"


@pytest.mark.parametrize("name", JSON_VECTORS)
def test_published_hashes_of_json_events(folder: Path, name: str) -> None:
    examples = folder / "examples"
    body = strict_json.loads((examples / f"{name}.jsonld").read_bytes())
    expected = published(examples, name, "hashes")
    assert [found for _, found in document_hashes(body)] == expected
    assert [identity for identity, _ in document_hashes(body)] == [one.get("eventID") for one in event_list(body)]


@pytest.mark.parametrize("name", XML_VECTORS)
def test_published_strings_and_hashes_of_xml_events(folder: Path, name: str) -> None:
    examples = folder / "examples"
    events, prefixes, ignored = xml_events(examples / f"{name}.xml")
    context = {prefix: space for space, prefix in prefixes.items()}
    strings = [pre_hash(event, context, ignored=ignored) for event in events]
    assert strings == published(examples, name, "prehashes")
    assert [event_hash(event, context, ignored=ignored) for event in events] == published(examples, name, "hashes")


@pytest.mark.parametrize("name", JSON_VECTORS)
def test_published_strings_of_json_events(folder: Path, name: str) -> None:
    examples = folder / "examples"
    body = strict_json.loads((examples / f"{name}.jsonld").read_bytes())
    ignored = ["repository-x:hash", "example:captureID"]
    found = [pre_hash(event, body["@context"], ignored=ignored) for event in event_list(body)]
    digests = published(examples, name, "hashes")
    # Two files carry one string each that is not the one their own published hash was made of.
    for string, expected, digest in zip(found, published(examples, name, "prehashes"), digests, strict=True):
        stale = hashlib.sha256(expected.encode()).hexdigest() not in digest
        assert string == expected or stale


def test_events_that_say_the_same_hash_alike(folder: Path) -> None:
    files = sorted((folder / "expected_equal").glob("*.xml"))
    assert len(files) == 10
    for path in files:
        events, prefixes, _ = xml_events(path)
        context = {prefix: space for space, prefix in prefixes.items()}
        assert len(events) > 1, path.name
        assert len({event_hash(event, context) for event in events}) == 1, path.name
