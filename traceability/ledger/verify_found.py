"""What the assessments of a pack say, against the lines and files beside them: all of it is there, nothing besides.

An assessment stands in the log whole. So what it found, and which lists, rules, facts and records it was reached from,
can be missed in the pack where it is not there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from traceability.ledger.encoding import b64u, digest
from traceability.ledger.errors import ProofError
from traceability.ledger.verify_records import Proven, Records

_ABOUT = ("importer", "kind", "subject", "file", "superseded_by")
"""What a line of findings.jsonl adds to the finding."""
_LISTED = (
    "list_id", "version", "title", "publisher", "published_at", "retrieved_at", "source_url", "source_sha256",
    "table_sha256", "row_count", "coverage", "terms", "entry_index", "matching_lines",
)  # fmt: skip
_SHA256 = "sha256:"


def findings(records: Records, name: str) -> str:
    """Check that the lines are the findings of every assessment in the pack."""
    runs, told = _runs(records), dict[Any, list[Any]]()
    every = {key for one in runs.values() for row in _result(records, one)["findings"] for key in row}
    lines = records.lines(name, {*_ABOUT, *every})
    for number, line in enumerate(lines, 1):
        told.setdefault(line["file"], []).append((f"{name}, line {number}", line))
    if odd := told.keys() - {one.file for one in runs.values()}:
        raise ProofError(f"{name}: {str(min(odd, key=str))[:100]} is no assessment that the log took in")
    newest = _newest(records, runs)
    for index, run in runs.items():
        rows = told.get(run.file, [])
        _of_one(records, run, rows, name)
        for where, line in rows:
            _about(records, run, line, where, newest.get(index, line["superseded_by"]))
    return f"{len(lines)} findings are those of the {len(runs)} assessments, each whole"


def _runs(records: Records) -> dict[int, Proven]:
    return {index: one for index, one in records.of_kind("assessment").items() if one.file is not None}


def _result(records: Records, run: Proven) -> Any:
    record = records.record(run.file)
    return record.get("result", record)  # of the older form the result alone


def _whole(records: Records, run: Proven) -> Any:
    """Return the record of a run; None for one of the older form, which names no subject, lists or facts."""
    record = records.record(run.file)
    return record if "result" in record else None


def _of_one(records: Records, run: Proven, rows: list[Any], name: str) -> None:
    said = [{key: value for key, value in line.items() if key not in _ABOUT} for _, line in rows]
    expected = _result(records, run)["findings"]
    for (where, _), one in zip(rows, said, strict=True):
        if one not in expected:
            raise ProofError(f"{where}: {str(one.get('code'))[:60]} is no finding of {run.file}")
    if left := [one for one in expected if one not in said]:
        raise ProofError(f"{name}: no line tells the finding {str(left[0].get('code'))[:60]} of {run.file}")
    if said != expected:
        raise ProofError(f"{name}: expected the findings of {run.file} in their order, each once")


def _newest(records: Records, runs: Mapping[int, Proven]) -> dict[int, int | None]:
    """Return by which run in the pack each was superseded; of the older form it is not known which subject it is of."""
    last, about = dict[Any, int](), dict[int, Any]()
    for index, run in runs.items():
        if (record := _whole(records, run)) is not None:
            about[index] = (run.entry.who, record["subject_kind"], record["subject"])
            last[about[index]] = index
        else:
            records.gaps["older"] += 1
    return {index: None if last[key] == index else last[key] for index, key in about.items()}


def _about(records: Records, run: Proven, line: Mapping[str, Any], where: str, superseded: int | None) -> None:
    records.belongs(run, line["importer"], where)
    record = _whole(records, run) or {"subject_kind": line["kind"], "subject": line["subject"]}
    if (record["subject_kind"], record["subject"], superseded) != (
        line["kind"],
        line["subject"],
        line["superseded_by"],
    ):
        raise ProofError(f"{where}: {run.file} is about another subject, or superseded by another run")


def lists(records: Records, name: str) -> str:
    """Check the list versions: those the log took in, and each one that an assessment names."""
    lines, told, versions = records.lines(name, _LISTED), set[int](), set[Any]()
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        proven = records.entry(line["entry_index"], ("list-version",), where)
        if proven.file is None and proven.entry.body != b64u(bytes.fromhex(line["table_sha256"])):
            raise ProofError(f"{where}: the log took in another table than {line['table_sha256']}")
        if proven.file is not None:
            record = records.record(proven.file)
            odd = [key for key in _LISTED[:-2] if record[key] != line[key]]
            if odd:
                raise ProofError(f"{where}: {odd[0]} is not what the log took in")
        _matching(records, line, where)
        told.add(line["entry_index"])
        versions.add((line["list_id"], line["version"]))
    if len(told) != len(lines):
        raise ProofError(f"{name}: expected a line for each list version, and no second one")
    records.all_told(name, ("list-version",), told)
    for file, one in _coverage(records):
        if one["version"] is not None and (one["list_id"], one["version"]) not in versions:
            raise ProofError(f"{name}: no line tells the version {one['version']} of {one['list_id']}, read by {file}")
    return f"{len(lines)} list versions are those the log took in, and all that the assessments name"


def _coverage(records: Records) -> Iterator[tuple[str, Any]]:
    for run in _runs(records).values():
        if (record := _whole(records, run)) is not None:
            yield from ((run.file or "", one) for one in record["coverage"])


def _matching(records: Records, line: Mapping[str, Any], where: str) -> None:
    """Check that the lines shown of a list are some that a run was told."""
    if not line["matching_lines"]:
        return
    if records.shown is None:  # once for all lists: each run was told thousands of lines
        rows = (row for run in _runs(records).values() for row in _listed(_facts_of(records, run)))
        records.shown = {_text(row) for row in rows}
    if any(_text(row) not in records.shown for row in line["matching_lines"]):
        raise ProofError(f"{where}: a line of the list is in no facts that a run was reached from")


def _text(row: Any) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def _facts_of(records: Records, run: Proven) -> Any:
    name = f"facts/{(run.file or '').partition('/')[2]}"
    return records.record(name) if name in records.files else {}


def _listed(told: Any) -> Iterator[Any]:
    yield from told.get("entity_hits", [])
    for one in told.get("lists", {}).values():
        yield from one.get("entries", [])


def facts(records: Records, _: str) -> str:
    """Check that the facts are those the runs were reached from, as their records hold them by hash."""
    found = {name for name in records.files if name.startswith("facts/")}
    for run in _runs(records).values():
        name = f"facts/{(run.file or '').partition('/')[2]}"
        record = _whole(records, run)
        if record is not None and name not in found:
            raise ProofError(f"{run.file} was reached from facts that are not in the pack")
        if record is not None and digest(records.files[name]) != record["facts"]:
            raise ProofError(f"{name}: the run was reached from other facts")
        found.discard(name) if record is not None else None
    older = {f"facts/{(run.file or '').partition('/')[2]}" for run in _runs(records).values()}
    if odd := sorted(found - older):
        raise ProofError(f"{odd[0]}: no assessment of the pack was reached from it")
    gap = f"; {len(found)} are of runs whose record does not name them" if found else ""
    return f"the facts are those the assessments name{gap}"


def rules(records: Records, _: str) -> str:
    """Check which rule sets that judged are in the pack, and that each rule pack is what its version is the hash of.

    One of before rule sets were recorded is a gap; of one of before packs had versions there is nothing more to check.
    """
    sets = {one.file: records.record(one.file) for one in records.of_kind("rule-set").values()}
    here = {said["version"]: _pack_versions(said, str(name)) for name, said in sets.items()}
    for run in _runs(records).values():
        _of_packs(here, _result(records, run), run)
    named = {_result(records, run).get("rule_pack_version") for run in _runs(records).values()}
    left = sorted(map(str, named - here.keys() - {None}))
    records.gaps["rules"] += len(left)
    gap = f"; of {left[0][:60]} (and {len(left) - 1} more) the pack holds the name alone" if left else ""
    return f"{len(here)} rule sets are those the log took in{gap}"


def _pack_versions(said: Any, name: str) -> dict[Any, Any] | None:
    """Return the version of each pack of a record of the law, checked; None of one of before packs had versions.

    Raises:
        ProofError: a version is not the hash of what the record holds, or not all packs are told.

    """
    if "packs" not in said:
        return None
    content = said["content"]
    told = {pack["pack"]: pack["version"] for pack in said["packs"]}
    if said["version"] != _hash(content) or told.keys() != content["packs"].keys():
        raise ProofError(f"{name}: the version of the rules is not the hash of what the record holds")
    for pack, version in told.items():
        if version != _hash(content["packs"][pack]):
            raise ProofError(f"{name}: the version of the pack {pack[:40]} is not the hash of its rules")
    return told


def _of_packs(here: Mapping[Any, Any], result: Any, run: Proven) -> None:
    """Check that each finding of a run names its pack in the version that the rules of the run have."""
    told = here.get(result.get("rule_pack_version"))
    if told is None:
        return
    for finding in result["findings"]:
        if "pack" in finding and told.get(finding["pack"]) != finding["pack_version"]:
            raise ProofError(
                f"{run.file}: {str(finding['code'])[:60]} names another version of its pack than the rules"
            )


def _hash(content: Any) -> str:
    """Return ``sha256:`` + hex over the RFC 8785 form, which JSON of texts alone has when sorted by ASCII names."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _SHA256 + hashlib.sha256(text.encode()).hexdigest()


def shipments(records: Records, _: str) -> str:
    """Check that each shipment record which was assessed is in the pack."""
    there, hashed = set[Any](), set[Any]()
    for one in records.of_kind("shipment").values():
        if one.said is None:
            hashed.add(one.entry.who)
        else:
            there.add((one.entry.who, one.said.get("shipment_id")))
    for run in _runs(records).values():
        record = _whole(records, run)
        if record is None or record["subject_kind"] != "shipment" or run.entry.who in hashed:
            continue  # which record a hash stands for is not known: it is counted as such
        if (run.entry.who, record["subject"]) not in there:
            raise ProofError(f"{run.file} is about the shipment record {record['subject']}, which is not in the pack")
    return f"{len(there)} shipment records are here, all that were assessed"


def papers(records: Records, lines: list[Any]) -> None:
    """Count the documents that runs read and the pack does not list: they are linked to something else."""
    listed = {f"{_SHA256}{line['sha256']}" for line in lines}
    read = {
        said["document_id"].partition("#")[0]
        for run in _runs(records).values()
        for said in _facts_of(records, run).get("documents", [])
    }
    records.gaps["paper"] += len(read - listed)
