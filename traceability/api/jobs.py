"""Jobs, for admins: what has not been done, why, and trying a failed one again."""

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, service
from traceability.services import jobs

blp: Blueprint = blueprint("jobs", "/v1/jobs", "Jobs that have not succeeded, for admins")


@blp.route("", methods=["GET"])
def get_jobs() -> Response:
    """The jobs that have not succeeded, oldest first; ``state`` is waiting, running or failed."""
    found = jobs.jobs(service(), actor(), request.args.get("state"))
    return answer({"jobs": [job.as_dict() for job in found]}, headers={"Cache-Control": "no-store"})


@blp.route("/<int:job_id>/retry", methods=["POST"])
def post_retry(job_id: int) -> Response:
    """Let a failed job run again, with all its attempts."""
    jobs.retry(service(), actor(), job_id)
    return answer({"id": job_id, "state": "waiting"})
