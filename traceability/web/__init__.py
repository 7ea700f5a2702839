"""The console: server-rendered pages for officers, importers, suppliers, regulators, dpo and admins (console.md)."""

from flask import Flask

from traceability.web import (
    access,
    account,
    api_keys,
    assets,
    batches,
    cases,
    concentration,
    contest_link,
    contests,
    deadlines,
    decisions,
    desk,
    documents,
    errors,
    events,
    findings,
    importers,
    incidents,
    jobs,
    judgements,
    layout,
    list_page,
    lists,
    log,
    lost_keys,
    merges,
    notices,
    parties,
    patterns,
    profiles,
    queue,
    reporters,
    reports,
    requests,
    retention,
    routes,
    screenings,
    search,
    users,
    volumes,
    work,
)

#: Every module with routes; importing one registers them on the blueprint.
VIEWS = (
    access, account, api_keys, assets, batches, cases, concentration, contest_link, contests, deadlines,
    decisions, desk, documents, events, findings, importers, incidents, jobs, judgements, list_page, lists, log,
    lost_keys, merges, notices, parties, patterns, profiles, queue, reporters, reports, requests, retention,
    screenings, search, users, volumes, work,
)  # fmt: skip


def install(app: Flask) -> None:
    """Add the pages to the app."""
    errors.install(app)
    layout.install(app)
    app.register_blueprint(routes.bp)
