"""Writes docs/rules.md from the rule packs; with --check it only compares, so that what is told is what is run."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from traceability.diligence import catalogue, versions
from traceability.diligence.catalogue import Row
from traceability.diligence.explanation import SEVERITY_WORDS, conditions, provenance_words
from traceability.diligence.packs import RULES
from traceability.diligence.terms import Term, terms, terms_of

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
#: Code: why no rule raises it. A row of the catalogue with neither rule nor reason stops this script.
REFUSED: dict[str, str] = {}
_PACKAGE = "traceability.diligence."
_HEAD = """# Rules

What the service looks for, finding by finding: generated from the rule packs by `make schemas`, never written by
hand. A finding is an indicator for a person. Nothing here is legal advice, and no rule says that goods or a company
are in order.

How to read a row: *Law* is the article it cites, *Provenance* how far that text was read - what rests on **memory**
has to be checked before it is relied on. Before its first day a rule is advisory: it is told as "would apply from",
and a critical of it counts as major, a gap as minor. *Logic* is the contract, word for word: AND binds stronger
than OR, a condition on something absent is false, and the words it defines are explained [below](#defined-words).
*Cleared* says when the rule no longer raises the finding, and what a person may choose; whatever makes a critical
disappear needs two persons. `traceability rules explain FINDING` tells all this of one finding, with the facts the
rule looked at.
"""


def document() -> str:
    """Return docs/rules.md.

    Raises:
        SystemExit: a row of the catalogue is neither implemented nor refused with a reason.

    """
    rows = sorted(catalogue.rows(), key=lambda row: row.pack)
    parts = [_HEAD, _summary(rows)]
    for pack, found in groupby(rows, key=lambda row: row.pack):
        parts += [f"## {pack}\n", *map(_section, found)]
    return "\n".join([*parts, _words(terms())])


def _summary(rows: list[Row]) -> str:
    refused = ", ".join(f"{code} ({why})" for code, why in REFUSED.items()) or "none"
    lines = [
        f"Version of the rules: `{versions.rule_pack_version()}`,",
        "the hash of all packs. Each pack has its own: the hash of its rows, of the words, tables of law and",
        "parameters they read, and of the program its rules can reach, with the rules of other packs of which they ask",
        "whether they were raised; a change of one pack changes the version of that pack and of those that ask for its",
        "findings. The ledger keeps all that judged (`GET /v1/rule-sets`); a finding names its pack's.",
        f"Rows of the catalogue: {len(rows)}; implemented {len(RULES)}; refused: {refused}.\n",
        *_table(("Severity", "Meaning"), SEVERITY_WORDS.items()),
        "",
        *_table(("Pack", "What", "Rules", "First day", "Last day", "From memory"), map(_pack, *_by_pack(rows))),
        "",
        *_table(("Pack", "Version", "Tables", "Parameters"), map(_version, _by_pack(rows)[0])),
    ]
    return "\n".join([*lines, ""])


def _by_pack(rows: list[Row]) -> tuple[list[str], list[list[Row]]]:
    grouped = {pack: list(found) for pack, found in groupby(rows, key=lambda row: row.pack)}
    return list(grouped), list(grouped.values())


def _pack(pack: str, rows: list[Row]) -> tuple[str, ...]:
    days, its = sorted({_day(row) for row in rows}), versions.packs()[pack]
    unsure = [row.code for row in rows if "memory" in row.provenance]
    what = its.title if its.law == "design" else f"{its.title}: {its.law}"
    end = its.applicable_to.isoformat() if its.applicable_to else "open"
    return f"[{pack}](#{pack.lower()})", what, str(len(rows)), ", ".join(days), end, ", ".join(unsure) or "-"


def _version(pack: str) -> tuple[str, ...]:
    content = versions.pack_contents()[pack]
    read = [", ".join(f"`{name}`" for name in content[kind]) or "-" for kind in ("tables", "parameters")]
    return pack, f"`{versions.packs()[pack].version}`", *read


def _day(row: Row) -> str:
    return row.applicable_from.isoformat() if row.applicable_from else "no date of its own"


def _section(row: Row) -> str:
    end = row.applicable_to.isoformat() if row.applicable_to else "open"
    changes = "" if row.severity_changes == "none" else f" ({row.severity_changes})"
    cells = {
        "Severity": row.severity + changes,
        "Law": "design of this service, no article" if row.law_ref == "design" else row.law_ref,
        "Applies": f"from {_day(row)}, to {end}",
        "Logic": f"`{row.logic}`",
        "Words": ", ".join(term.term for term in terms_of(row.logic)) or "none of its own",
        "Facts": "; ".join(row.facts_used),
        "Says": row.message,
        "Cleared": _cleared(row),
        "Provenance": f"{row.provenance}. {provenance_words(row.provenance)}",
        "Requirement": ", ".join(row.requirement_ids),
        "Implemented": _where(row),
    }
    return "\n".join([f"### {row.code}\n", f"{row.title}\n", *_table(("", ""), cells.items()), ""])


def _cleared(row: Row) -> str:
    found = conditions(row.logic)
    said = f"{found.cleared} {'; '.join(f'`{part}`' for part in found.parts)}."
    return f"{said} A person may: {', '.join(row.reviewer_options)}."


def _where(row: Row) -> str:
    if row.code in RULES:
        place = RULES[row.code].places.__module__.removeprefix(_PACKAGE).replace(".", "/")
        return f"`traceability/diligence/{place}.py`"
    if row.code in REFUSED:
        return f"refused: {REFUSED[row.code]}"
    raise SystemExit(f"{row.code} has no rule and no reason why not: implement it, or say why in scripts/rules_doc.py")


def _words(found: Iterable[Term]) -> str:
    rows = ((term.term, term.meaning) for term in found)
    return "\n".join(["## Defined words\n", *_table(("Word", "Meaning"), rows), ""])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _line(heads)
    yield "|" + "---|" * len(heads)
    yield from map(_line, rows)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when the file is stale")
    text = document()
    if not parser.parse_args().check:
        DOCUMENT.write_text(text, encoding="utf-8")
        print("wrote docs/rules.md")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    print("docs/rules.md is stale; run `make schemas`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
