"""Runs `imapgate` inside the test's process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from imapgate.cli.main import imapgate

ENVIRONMENT = {"IMAPGATE_PASSWORD": "a secret", "IMAPGATE_DATA": None, "IMAPGATE_CONFIG": None}


@dataclass(frozen=True)
class Command:
    """The command line on one data directory."""

    data: Path

    def run(
        self, *words: str, input: str | None = None, password: str | None = "a secret"
    ) -> Result:
        environment = {**ENVIRONMENT, "IMAPGATE_PASSWORD": password}
        return CliRunner().invoke(
            imapgate, ["--data", str(self.data), *words], input=input, env=environment
        )

    def ok(self, *words: str) -> str:
        """What it prints; it must succeed."""
        result = self.run(*words)
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def refused(self, *words: str) -> str:
        """The one sentence on the standard error; exit code 1, nothing on the standard output."""
        result = self.run(*words)
        assert result.exit_code == 1, (words, result.output, result.exception)
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        return result.stderr.strip()
