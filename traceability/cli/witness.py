"""Being a witness for other logs (C2SP tlog-witness): a key of one's own, the logs one knows, and a small server."""

from pathlib import Path
from typing import Any

import click

from traceability.cli import local
from traceability.cli.output import Output, output
from traceability.errors import InvalidInput

_PATH = click.Path(path_type=Path)


@click.group()
def witness() -> None:
    """Cosign the checkpoints of other logs: `new` makes a key, `serve` answers at /add-checkpoint."""


@witness.command("new")
@click.argument("name")
@click.option(
    "--out", "path", required=True, type=click.Path(path_type=Path), help="New file for the private key, 0600."
)
@click.option("--alg", type=click.Choice(["ed25519", "ml-dsa-44"]), default="ed25519", show_default=True)
@output(listed=False)
def new(out: Output, name: str, path: Path, alg: str) -> None:
    """Make the key of a witness called NAME (such as witness.example/w1), and print its verifier key."""
    from traceability.ledger.cosignature import ED25519, ML_DSA_44, CosigningKey

    key = CosigningKey.generate(name, ED25519 if alg == "ed25519" else ML_DSA_44)
    key.save(path)
    out.one({"name": name, "vkey": key.public.vkey}, key.public.vkey)


@witness.command("serve")
@click.option(
    "--key", "keys", required=True, multiple=True, type=click.Path(path_type=Path), help="Key of `witness new`."
)
@click.option(
    "--policy", "policy_file", required=True, type=click.Path(path_type=Path), help="File of `log VKEY` lines."
)
@click.option(
    "--dir", "folder", required=True, type=click.Path(path_type=Path), help="Where checkpoints are remembered."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True)
def serve(keys: tuple[Path, ...], policy_file: Path, folder: Path, host: str, port: int) -> None:
    """Cosign for the logs of the policy until stopped; each checkpoint is stored before it is cosigned."""
    from traceability.cli.server import WitnessServer
    from traceability.cli.witness_app import create_witness_app
    from traceability.ledger.cosignature import CosigningKey
    from traceability.ledger.policy import Policy
    from traceability.services.witness_host import WitnessHost
    from traceability.storage.witness_files import WitnessFiles

    policy = Policy.parse(policy_file.read_bytes())
    loaded = tuple(CosigningKey.load(path) for path in keys)
    if len({key.public.thumbprint for key in loaded}) != len(loaded):
        raise InvalidInput("the same key is given twice")
    logs: dict[str, list[Any]] = {}
    for log in policy.logs:
        logs.setdefault(log.name, []).append(log)
    cosigner = WitnessHost(loaded, logs, WitnessFiles(folder), local.clock(), policy.ends)
    WitnessServer(create_witness_app(cosigner), host, port).run()
