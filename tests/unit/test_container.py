"""Dockerfile and compose.yaml without an engine: what is copied exists, builds and starts; what must not be there is not."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from traceability import config

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {config.PREFIX + item.name.upper() for item in fields(config.Settings)}
STATE = "/var/lib/traceability"
_SECRET = re.compile(r"password|secret|token|private|api_?key|credential", re.IGNORECASE)


def _instructions():
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.strip().split(None, 1)) for line in lines if line.strip()]


def _stages():
    stages = []
    for word, rest in _instructions():
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


def _copies():
    """Return (sources, target) of each COPY out of the build context."""
    plain = [rest.split() for word, rest in _instructions() if word == "COPY" and not rest.startswith("--from")]
    return [(parts[:-1], parts[-1]) for parts in plain]


SOURCES = sorted({source for sources, _target in _copies() for source in sources})
FINAL = _stages()[-1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = ["migrate", "api", "worker"]


def _one(word):
    found = [rest for name, rest in FINAL if name == word]
    assert len(found) == 1, f"expected one {word} in the last stage, got {found}"
    return found[0]


def _environment():
    """Return what ENV sets in the last stage."""
    return dict(pair.split("=", 1) for word, rest in FINAL if word == "ENV" for pair in rest.split())


# --- the Dockerfile -------------------------------------------------------------------------------------------------


def test_there_are_two_stages_on_the_same_named_image():
    images = [stage[0][1].split()[0] for stage in _stages()]
    assert len(images) == 2
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.11-slim-bookworm(@sha256:[0-9a-f]{64})?", images[0])


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_exists(source):
    assert (ROOT / source).exists()


def test_only_what_is_needed_is_copied():
    assert set(SOURCES) == {
        "traceability",
        "seed",
        "pyproject.toml",
        "requirements.lock",
        "requirements-uv.lock",
        "README.md",
        "LICENSE",
    }


def test_the_build_context_holds_what_is_copied_and_nothing_else():
    lines = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
    ]
    assert lines[0] == "*"
    assert sorted(line[1:] for line in lines if line.startswith("!")) == SOURCES


def test_only_the_hashed_lock_is_installed():
    runs = [rest for word, rest in _instructions() if word == "RUN"]
    installs = [run for run in runs if re.search(r"\bpip (install|sync)\b", run)]
    assert any("uv pip sync --require-hashes requirements.lock" in run for run in installs)
    for run in installs:
        pinned = "--require-hashes" in run or ("--no-deps" in run and "--no-build-isolation" in run)
        assert pinned, run


def test_what_installs_the_locks_is_locked_itself():
    lock = (ROOT / "requirements-uv.lock").read_text(encoding="utf-8")
    assert re.match(r"uv==[0-9.]+ \\\n    --hash=sha256:", lock)
    assert len(re.findall(r"^\S", lock, re.MULTILINE)) == 1, "uv needs nothing else"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if "pip install" in line and "--editable" not in line]
    assert installs
    assert all(re.search(r"--require-hashes -r requirements-[a-z-]+\.lock", line) for line in installs)


def test_the_lock_brings_what_builds_the_package():
    assert re.search(r"^setuptools==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)


def test_it_runs_as_a_numeric_user_who_is_not_root():
    user, group = _one("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert FINAL.index(("USER", f"{user}:{group}")) > max(FINAL.index(item) for item in FINAL if item[0] == "RUN")


def test_all_that_is_written_lies_in_the_one_volume():
    environment = _environment()
    assert _one("VOLUME") == STATE
    assert environment["TRACEABILITY_STATE_DIR"] == STATE
    assert environment["TRACEABILITY_DATABASE_URL"].startswith(f"sqlite:///{STATE}/")
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_health_check_and_entry_point_are_our_command():
    assert json.loads(_one("HEALTHCHECK").split("CMD", 1)[1]) == ["traceability", "health"]
    assert json.loads(_one("ENTRYPOINT")) + json.loads(_one("CMD")) == ["traceability", "serve"]


def test_the_image_holds_no_secret():
    for word, rest in _instructions():
        if word in ("ENV", "ARG", "LABEL"):
            assert not _SECRET.search(rest), rest


def test_the_image_sets_only_settings_that_exist():
    names = {name for name in _environment() if name.startswith(config.PREFIX)}
    assert names - SETTINGS == set()
    assert f"COPY seed {_environment()['TRACEABILITY_SEED_DIR']}" in {" ".join(item) for item in FINAL}
    assert str(config.Settings().port) == _one("EXPOSE")


# --- replayed: what the first stage does ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """Return a folder with what the Dockerfile's first stage copies."""
    context = tmp_path_factory.mktemp("context")
    for source in sorted(set(SOURCES) - {"seed"}):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, context / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, context / source)
    return context


@pytest.fixture(scope="module")
def installed(context, tmp_path_factory):
    """Build the package as the Dockerfile does and return the folder that it unpacks to."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=context, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_the_package_carries_all_of_its_files(context, installed):
    ours = {path.relative_to(context).as_posix() for path in (context / "traceability").rglob("*") if path.is_file()}
    packed = {path.relative_to(installed).as_posix() for path in (installed / "traceability").rglob("*")}
    assert ours - packed == set(), "add the pattern to [tool.setuptools.package-data]"


def _command_line():
    if importlib.util.find_spec("traceability.cli") is None:
        pytest.skip("traceability.cli does not exist yet")
    main = getattr(importlib.import_module("traceability.cli"), "main", None)
    if main is None:
        pytest.skip("traceability.cli:main does not exist yet")
    return main


def test_the_entry_point_starts_from_what_was_installed(installed, tmp_path):
    _command_line()
    start = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import traceability, traceability.cli;"
        "print(traceability.__file__, file=sys.stderr); traceability.cli.main()"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(config.PREFIX)}
    done = subprocess.run(
        [sys.executable, "-I", "-c", start, str(installed), "settings"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(installed)), "the copy was not what ran"
    assert "TRACEABILITY_DATABASE_URL" in done.stdout
    assert list(tmp_path.iterdir()) == [], "showing the settings writes nothing"


def _commands_run():
    """Return every `traceability COMMAND` of the Dockerfile and compose.yaml."""
    image = [json.loads(_one("CMD"))[0], json.loads(_one("HEALTHCHECK").split("CMD", 1)[1])[1]]
    return sorted({*image, *(SERVICES[name]["command"][0] for name in OURS)})


@pytest.mark.parametrize("command", _commands_run())
def test_the_commands_run_exist(command, monkeypatch, capsys):
    main = _command_line()
    monkeypatch.setattr(sys, "argv", ["traceability", command, "--help"])
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code
    assert not code, capsys.readouterr().err


# --- compose.yaml ---------------------------------------------------------------------------------------------------


def test_the_services_are_the_four():
    assert sorted(SERVICES) == ["api", "db", "migrate", "worker"]
    assert {name: SERVICES[name]["command"] for name in OURS} == {
        "migrate": ["migrate"],
        "api": ["serve"],
        "worker": ["worker"],
    }
    assert SERVICES["db"]["image"].split("@")[0] == "postgres:18"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_can_do_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.split(":")[0] == "/tmp" for mount in service["tmpfs"])
    assert service["pids_limit"] > 0
    assert service["mem_limit"]


def test_ports_are_on_loopback_and_the_database_has_none():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == [f"127.0.0.1:{config.Settings().port}:{_one('EXPOSE')}"]
    assert "ports" in SERVICES["api"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["db"]["networks"] == ["inside"]


def test_secrets_come_from_the_environment_and_have_no_default():
    for name, service in SERVICES.items():
        for key, value in service["environment"].items():
            if _SECRET.search(f"{key} {value}"):
                assert re.search(r"\$\{[A-Z_]+:\?[^}]+\}", value), f"{name}: {key}"
                assert not _SECRET.search(re.sub(r"\$\{[^}]*\}", "", value)), f"{name}: {key}"


def test_compose_sets_only_settings_that_exist_and_the_service_takes_them():
    for name in OURS:
        environment = SERVICES[name]["environment"]
        assert set(environment) - SETTINGS == set()
        filled = {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in environment.items()}
        filled = {key: re.sub(r"\$\{\w+:\?[^}]*\}", "given", value) for key, value in filled.items()}
        settings = config.load_settings({**_environment(), **filled})
        assert settings.database_url == "postgresql://traceability:given@db:5432/traceability"
        assert settings.state_dir == Path(STATE)


def test_writable_volumes_are_declared_and_where_the_images_write():
    mounts = {name: service["volumes"] for name, service in SERVICES.items()}
    assert mounts == {"db": ["database:/var/lib/postgresql"], **{name: [f"state:{STATE}"] for name in OURS}}
    assert set(COMPOSE["volumes"]) == {"database", "state"}


def test_nobody_starts_before_the_schema_is_there():
    assert SERVICES["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"
    assert "pg_isready" in SERVICES["db"]["healthcheck"]["test"]
    for name in ("api", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


# --- continuous integration -----------------------------------------------------------------------------------------


def test_the_integration_run_is_an_executable_that_stops_at_the_first_failure():
    run = ROOT / ".ci" / "run"
    text = run.read_text(encoding="utf-8")
    assert run.stat().st_mode & 0o111 == 0o111
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert text.index("\nmake check\n") < text.index("\nmake test\n")
    subprocess.run(["bash", "-n", str(run)], check=True)
