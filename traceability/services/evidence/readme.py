"""The page of plain words that lies in every pack."""

from traceability.services.evidence.draft import Draft

_TEXT = """\
Evidence about the batch {batch}
as of the log's head of {size} entries, signed {as_of}

What this is
  {events} custody events about this batch and what it was made of or went into, as their senders signed them, with
  proofs that they stand in the log. Whose assessments, documents and decisions are in it: {importers}.
  report.pdf says it in words. A finding is an indicator for a person. Nothing here says that a batch is free of risk.

How to check it without us, and without a network
  1. Get the log's key, or a policy with it, from somebody you trust: a regulator, a witness, an earlier receipt.
     The file policy.txt is the log's own claim; compare it, do not trust it because it is in here. The manifest is
     signed with that same key: who trusts the key by its policy knows that these are the files the log gave out.
  2. python3 verify.py THIS.zip --policy YOUR.policy
     (Python 3.11 or later and the package cryptography; `traceability verify` does the same.)
  3. Give it the receipts you were given earlier as well: it proves that today's log begins with the one of then.
  It prints a line for each thing it looked at, and ends with 0 only when everything holds. The last line counts what it
  could not look at ("not checked"): hashes whose bytes are not in here, time-stamp tokens, the words of report.pdf.
  The verify.py in here was put here by the log, like everything else: where much depends on it, take the one that the
  project publishes (schemas/verify.py), which also judges packs made by other releases of the same format.

What is in it
  report.pdf     the report, PDF/A-3, with its data attached as evidence.json
  captures/      signed bytes as they were received; signatures/ the detached signatures
  events.jsonl   each event with its place in the log, and in which capture it was signed
  erasures/      where the log says that a body was erased when its retention ended, and the last verdict on it
  keys/          what each signing key's owner signed to show that it has the key; how a key ended
                 (receipts.jsonl also proves the entries that approved their parties, by hash)
  shipments/, documents/, assessments/, decisions/   the private layer, where the reader may see it
  facts/         what each assessment was reached from; its record holds the hash
  findings.jsonl, decisions.jsonl, documents.jsonl   what was found, decided and read, line by line; a finding that
                 a later assessment of the same subject replaced names its entry as superseded_by
  lists/         the record of each list version that was read: source, dates, and the hash of all its lines
  rules/         the rules that judged, as far as a version is the hash of something: every rule pack with its version,
                 the days between which it applies, its rows, words, tables and parameters
  lists.jsonl    the versions of the lists that were read, with their hashes and the lines that findings rest on
  receipts.jsonl, consistency.jsonl, checkpoint   proofs, and the signed head
  succession.jsonl   where the log's key was changed: how the one that signed follows those before
  timestamps.jsonl   where there is any: time-stamp tokens (RFC 3161, base64) over the signed head
  manifest.json, manifest.jws   every file with its SHA-256, signed by the log
A line of receipts.jsonl without a file stands for bytes that are not in here: its sender signed other parties' events
in the same capture, the reader may not have them, or they are not kept; the hash is what the log holds.

What it cannot prove
  That nothing was left out. What an assessment in here names (findings, lists, facts, shipment records) has to be in
  here too; but an event, a decision or the end of a key that nothing here refers to could be missing. Whoever must be
  sure copies the log (`traceability ledger mirror`) and asks what its other entries are. The manifest
  says where the chain begins without an event that made its first batch ("ends"): that is the log's word, and the
  verifier fails a pack in which any other batch has no such event. Whether the log shows everybody the same, a witness
  tells (see your policy).
"""


def readme(draft: Draft) -> bytes:
    """Return README.txt."""
    manifest = draft.manifest
    importers = ", ".join(manifest.importers) or "none"
    said = {"batch": manifest.batch, "size": manifest.size, "as_of": manifest.as_of}
    return _TEXT.format(importers=importers, events=draft.events, **said).encode()
