"""The command line in the test's own process, which spares each command a second of imports."""

import json
from typing import Any

import attrs
from typer.testing import CliRunner

from newsbot.cli import app
from newsbot.config import Config
from tests.conftest import Command


@attrs.frozen
class Here:
    """Runs ``newsbot`` on an archive."""

    config: Config

    def __call__(self, *words: str) -> Any:
        """Run the command; returns its exit code and what it said."""
        environment = Command(self.config).environment
        done = CliRunner().invoke(app, list(words), env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def json(self, *words: str) -> Any:
        """Run the command and return what it prints as JSON."""
        done = self(*words, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)
