"""Jobs that have not succeeded: why a state stays pending, and trying a failed one again."""

from typing import Any

import click

from traceability.cli import local
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.services.access import TERMINAL


@click.group()
def jobs() -> None:
    """Jobs of the service: documents to read, subjects to assess. While one is open, its subject is pending."""


@jobs.command(name="list")
@click.option("--state", type=click.Choice(["waiting", "running", "failed"]), help="Only these.")
@remote_options(required=False)
@output(listed=False)
def list_(out: Output, state: str | None, url: str | None, token: str | None) -> None:
    """Print the jobs that have not succeeded, oldest first, with the error of their last attempt."""
    if url:
        found = Remote(url, token).get(f"/v1/jobs?state={state}" if state else "/v1/jobs")["jobs"]
    else:
        from traceability.services import jobs as job_service

        with local.reading() as service:
            found = [job.as_dict() for job in job_service.jobs(service, TERMINAL, state)]
    out.all_of("jobs", found, _text)


@jobs.command()
@click.argument("job_id", type=click.IntRange(min=1))
@remote_options(required=False)
@output(listed=False)
def retry(out: Output, job_id: int, url: str | None, token: str | None) -> None:
    """Let a failed job run again, with all its attempts."""
    if url:
        done = Remote(url, token).post(f"/v1/jobs/{job_id}/retry")
    else:
        from traceability.services import jobs as job_service

        with local.writing("jobs retry") as service:
            job_service.retry(service, TERMINAL, job_id)
        done = {"id": job_id, "state": "waiting"}
    out.one(done, f"job {job_id} waits to run again")


def _text(row: Any) -> str:
    tried = f"{row['attempts']} attempt{'' if row['attempts'] == 1 else 's'}"
    error = f"\n    {row['error']}" if row["error"] else ""
    return f"{row['id']:6} {row['state']:8} {row['name']:16} {row['party'] or '-'}, {tried}, {row['key']}{error}"
