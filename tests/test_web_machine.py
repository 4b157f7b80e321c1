"""The pages of the machine: room on the disk, how long what is kept, the last backup; settings without secrets."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import retention
from newsbot.archive.connection import Database
from newsbot.archive.retention import rule_id
from newsbot.config import Config
from newsbot.config_origins import settings_of
from newsbot.keeping.backing_up import back_up
from newsbot.keeping.storage import storage
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_web import shown


@pytest.fixture(scope="module")
def config(own_archive: tuple[Config, Database]) -> Config:
    made = own_archive[0].model_copy(
        update={
            "secret_key": "the-sealing-key",
            "smtp_password": "of-the-letters",
            "broker_url": "redis://crawler:of-the-broker@127.0.0.1:6379/0",
            "warc_keep_days": 30.0,
        }
    )
    (made.data_dir / "warc").mkdir(parents=True, exist_ok=True)
    (made.data_dir / "warc" / "a.warc.gz").write_bytes(b"x" * 2_500_000)
    return made


@pytest.fixture(scope="module")
def page(config: Config, own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    database = own_archive[1]
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


def test_what_takes_room_is_told(page: TestClient) -> None:
    text = shown(page, "/admin/storage")
    assert "2.5 MB" in text
    assert "There was none" in text
    assert "No rule says otherwise" in text
    assert "They go after 30 days" in text


def test_rules_holds_and_the_last_backup_are_told(
    page: TestClient, config: Config, own_archive: tuple[Config, Database], tmp_path: Path
) -> None:
    database = own_archive[1]
    rule = retention.Rule(id=rule_id("all", ""), scope="all", raw=90.0, record=math.inf)
    retention.put(database, rule)
    back_up(config, database, tmp_path / "all.backup")
    text = shown(page, "/admin/storage")
    assert "90 days" in text
    assert "for ever" in text
    assert f"{tmp_path}/all.backup" in text
    assert "There was none" not in text
    found = storage(config, database)
    assert found.backup is not None
    assert found.backup.size == (tmp_path / "all.backup").stat().st_size
    assert found.holds == 0


def test_settings_are_told_with_where_they_come_from_and_without_secrets(
    page: TestClient, config: Config, tmp_path: Path
) -> None:
    text = shown(page, "/admin/settings")
    for secret in ("the-sealing-key", "of-the-letters", "of-the-broker"):
        assert secret not in text
    assert "warc_keep_days" in text
    file = tmp_path / "newsbot.toml"
    file.write_text("warc_keep_days = 30\n")
    told = {
        each.name: each
        for each in settings_of(config, environment={"NEWSBOT_SECRET_KEY": "x"}, file=file)
    }
    assert set(told) == set(Config.model_fields)
    assert (told["secret_key"].value, told["secret_key"].origin) == ("(hidden)", "environment")
    assert (told["warc_keep_days"].value, told["warc_keep_days"].origin) == ("30", "file")
    assert (told["web_port"].value, told["web_port"].origin) == ("8650", "default")
    assert told["data_dir"].origin == "start"
    assert told["broker_url"].value == "redis://crawler:(hidden)@127.0.0.1:6379/0"
    assert told["smtp_user"].value == ""


def test_admin_leads_to_its_pages(page: TestClient) -> None:
    text = shown(page, "/admin")
    assert "/admin/storage" in text
    assert "/admin/settings" in text
