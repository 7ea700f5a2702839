"""What a finding rests on besides the record: passages a program read, and the versions of the risk lists it names."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

READ_BY_MACHINE: Final = "read by machine"
_TITLES: Final = {
    "cahra": "conflict-affected and high-risk areas",
    "transit_watch": "transit watch areas",
    "forced_labour_areas": "forced-labour areas",
    "tvpra": "goods of child or forced labour (TVPRA)",
    "aml_weak": "weak controls against money laundering",
    "flr_delegated_products": "products of the Forced Labour Regulation",
    "flr_decisions": "decisions under the Forced Labour Regulation",
    "recognised_schemes": "recognised schemes",
}


def sources(facts: Mapping[str, Any], template: str, evidence: Iterable[str]) -> str:
    """Return the sentences that follow a message: read by machine, and each list version its own words do not name."""
    places = [pointer.split("/")[1:] for pointer in evidence]
    said = ["Read by machine."] if any(parts[0] == "text_signals" for parts in places) else []
    named = list(dict.fromkeys(parts[1] for parts in places if parts[0] == "lists" and len(parts) > 1))
    if named and "{list_version}" not in template:
        said.append(f"{'List' if len(named) == 1 else 'Lists'}: {'; '.join(_version(facts, name) for name in named)}.")
    return "".join(f" {sentence}" for sentence in said)


def _version(facts: Mapping[str, Any], name: str) -> str:
    return f"{list_title(name)}, {version_words(facts['lists'].get(name, {}).get('list_version'))}"


def version_words(version: str | None) -> str:
    """Return a list version in a sentence; of one that is the hash of its content, the beginning."""
    if version is not None and version.startswith("sha256:"):
        return f"content {version[7:19]}"
    return f"version {version or 'not stated'}"


def list_title(name: str) -> str:
    """Return what a list of the facts is called in a sentence."""
    return _TITLES.get(name, name.replace("_", " "))
