"""What stands in deploy/ names what there is: settings, commands, files; and the units are units."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from newsbot.cli import app, running
from newsbot.config import Config

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf8"))
SERVICES = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "newsbot"}
# How exposed a unit may be: systemd's own scale, 0 (least) to 10.
EXPOSED = 2.5


def texts() -> list[Path]:
    """Return every file of deploy/ that names settings or commands of newsbot."""
    return sorted(each for each in DEPLOY.rglob("*") if each.is_file())


@pytest.mark.parametrize("file", texts(), ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    named = set(re.findall(r"NEWSBOT_(?!TEST_)([A-Z_]+[A-Z])", file.read_text(encoding="utf8")))
    assert {each.lower() for each in named} <= set(Config.model_fields)


@pytest.mark.parametrize("file", texts(), ids=lambda file: file.name)
def test_every_command_that_is_named_is_one(file: Path) -> None:
    text = file.read_text(encoding="utf8")
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"(?:bin/|`|exec web )newsbot ([a-z]+)", text)
    assert set(named) <= set(commands)
    parts = re.findall(r"(?:newsbot part |newsbot-part@)([a-z]+)", text)
    assert set(parts) <= set(running.PARTS)


def test_every_part_is_run_by_the_compose_file() -> None:
    run = {each["command"][1] for each in OURS.values() if each["command"][0] == "part"}
    assert run == set(running.PARTS) - {"demo"}
    assert all(each["command"][0] == "part" for each in OURS.values())


def test_settings_of_the_compose_file_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in OURS.values():
        given = service["environment"]
        for name, value in given.items():
            plain = re.sub(r"\$\{\w+(:[-?][^}]*)?\}", "x", value)
            monkeypatch.setenv(name, "https://x.example" if name.endswith("ADDRESS") else plain)
        config = Config()
        assert config.dispatch == "celery"
        assert config.mongodb_uri is not None


def test_what_the_compose_file_names_is_there() -> None:
    written = (DEPLOY / "compose.yaml").read_text(encoding="utf8")
    example = (DEPLOY / "env.example").read_text(encoding="utf8")
    for name in set(re.findall(r"\$\{(\w+)", written)):
        assert re.search(rf"^{name}=", example, re.MULTILINE), f"{name} is not in env.example"
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", ()):
            place = volume.partition(":")[0]
            if place.startswith("."):
                assert (DEPLOY / place).is_file()
            elif not place.startswith("/"):
                assert place in COMPOSE["volumes"]
    build = OURS["worker"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_only_pinned_images_are_run() -> None:
    images = [each["image"] for name, each in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert [each for each in images if not re.search(r":\d+\.\d+\.\d+", each)] == []


def test_only_the_page_can_be_reached_and_the_broker_and_mongodb_lead_nowhere() -> None:
    assert [name for name, each in SERVICES.items() if each.get("ports")] == ["web"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("mongo1", "mongo2", "mongo3", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_the_container_is_built_of_what_there_is_and_runs_as_nobody() -> None:
    written = (DEPLOY / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", written, re.MULTILINE):
        assert [each for each in line.split() if not (DEPLOY.parent / each).exists()] == []
    assert re.search(r"^USER newsbot$", written, re.MULTILINE)
    left_in = (DEPLOY / "Containerfile.dockerignore").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", written, re.MULTILINE):
        assert [each for each in line.split() if f"!{each}\n" not in left_in] == []


def analyzed(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run systemd-analyze, or skip loudly."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD on this machine: the units are not checked")
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as they are installed, but with a program that is on this machine."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf8").replace(
            "/opt/newsbot/.venv/bin/newsbot", "/bin/true"
        )
        (tmp_path / unit.name).write_text(text.replace("/opt/newsbot/deploy", str(DEPLOY)))
    return tmp_path


def test_the_units_are_without_fault(installed: Path) -> None:
    names = [each.name.replace("@.", "@1.") for each in UNITS]
    for each in UNITS:
        if "@" in each.name:
            shutil.copy(installed / each.name, installed / each.name.replace("@.", "@1."))
    said = analyzed("verify", "--man=no", *(str(installed / each) for each in names))
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("unit", [each.name for each in UNITS if each.suffix == ".service"])
def test_the_units_may_do_little(unit: str, installed: Path) -> None:
    said = analyzed("security", "--offline=yes", "--no-pager", str(installed / unit))
    found = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
    assert found is not None, said.stdout + said.stderr
    assert float(found[1]) <= EXPOSED
