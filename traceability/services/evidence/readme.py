"""The page of plain words that lies in every pack."""

from traceability.ledger.pack import Manifest

_TEXT = """\
Evidence about the batch {batch}
as of the log's head of {size} entries, signed {as_of}

What this is
  {events} custody events about this batch and what it was made of or went into, as their senders signed them, with
  proofs that they stand in the log. Whose assessments, documents and decisions are in it: {importers}.
  A finding is an indicator for a person. Nothing in here says that a batch is free of risk.

How to check it without us, and without a network
  1. Get the log's key, or a policy with it, from somebody you trust: a regulator, a witness, an earlier receipt.
     The file policy.txt is the log's own claim; compare it, do not trust it because it is in here.
  2. python3 verify.py THIS.zip --policy YOUR.policy
     (Python 3.11 or later and the package cryptography; `traceability verify` does the same.)
  3. Give it the receipts you were given earlier as well: it proves that today's log begins with the one of then.

What is in it
  captures/      signed bytes as they were received; signatures/ the detached signatures
  erasures/      where the log says that a body was erased when its retention ended, and the last verdict on it
  keys/          what each signing key's owner signed to show that it has the key
  shipments/, documents/, assessments/   the private layer, where the reader may see it
  decisions.jsonl, findings.jsonl, lists.json   what was decided and found, and the lists in force
  receipts.jsonl, consistency.jsonl, checkpoint   proofs, and the signed head
  timestamps.jsonl   where there is any: time-stamp tokens (RFC 3161, base64) over the signed head
  manifest.json, manifest.jws   every file with its SHA-256, signed by the log
A line of receipts.jsonl without a file stands for bytes you may not see whole: its sender signed other parties'
events in the same capture.
"""


def readme(manifest: Manifest, events: int) -> bytes:
    """Return README.txt."""
    importers = ", ".join(manifest.importers) or "none"
    said = {"batch": manifest.batch, "size": manifest.size, "as_of": manifest.as_of, "events": events}
    return _TEXT.format(importers=importers, **said).encode()
