"""Help, versions, usage errors and settings of the whole command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command import Command

from imapgate import __version__
from imapgate.cli.main import imapgate


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))
        else:
            yield (*words, name)


ALL = sorted(_commands(imapgate))


@pytest.mark.parametrize("words", ALL, ids=[" ".join(words) or "imapgate" for words in ALL])
def test_every_command_s_help_has_an_example_of_itself(words: tuple[str, ...]) -> None:
    """-h and --help, with an example that begins as one calls it."""
    shown = CliRunner().invoke(imapgate, [*words, "-h"])
    assert shown.exit_code == 0
    example = shown.output.partition("Example:\n")[2].strip()
    assert example.startswith(" ".join(("imapgate", *words))), shown.output


GROUPS = [words for words in ALL if any(one[:-1] == words for one in ALL if one)]


@pytest.mark.parametrize("words", GROUPS, ids=[" ".join(words) or "imapgate" for words in GROUPS])
def test_no_line_of_a_list_of_commands_is_cut(words: tuple[str, ...]) -> None:
    """Each is told in full, at a terminal's usual width."""
    shown = CliRunner().invoke(imapgate, [*words, "-h"], terminal_width=80)
    listed = shown.output.partition("Commands:\n")[2].splitlines()
    assert listed
    assert [line for line in listed if line.endswith("...")] == []


def test_the_commands_of_the_first_release_are_there() -> None:
    """Nothing that was promised is missing."""
    promised = {
        "demo", "init", "serve", "segment add", "segment list", "user add", "user passwd",
        "user list", "user disable", "group add", "group rename", "group describe",
        "group remove", "group list",
        "member set", "member remove", "creator add", "creator edit", "creator remove",
        "creator list", "type list", "process show", "contact add", "contact list",
        "activity list", "activity show", "activity new", "activity follow-up",
    }  # fmt: skip
    assert promised <= {" ".join(words) for words in ALL}


def test_wrong_usage_is_exit_code_2(command: Command) -> None:
    """Unknown commands and options, and --data together with --config."""
    assert command.run("nonsense").exit_code == 2
    assert command.run("user", "list", "--nonsense").exit_code == 2
    assert command.run("--config", "x.toml", "user", "list").exit_code == 2


def test_the_version_is_printed() -> None:
    """For reports of what went wrong."""
    assert __version__ in CliRunner().invoke(imapgate, ["--version"]).output


def test_a_bad_setting_is_told_with_its_line(acme: Command) -> None:
    """The data directory's own file counts for every command."""
    (acme.data / "imapgate.toml").write_text("port = 1143\nprot = 1143\n")
    assert 'imapgate.toml, line 2: there is no setting "prot".' in acme.refused("user", "list")


def test_config_names_the_data_directory(acme: Command, tmp_path: Path) -> None:
    """--config FILE instead of --data DIR, relative to the file."""
    config = tmp_path / "elsewhere.toml"
    config.write_text('data = "data"\n')
    result = CliRunner().invoke(imapgate, ["--config", str(config), "user", "list", "--json"])
    assert result.exit_code == 0, result.output
    assert "anna" in result.output
