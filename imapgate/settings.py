"""Settings: a TOML file, the environment, and what the command line says, later ones winning.

Every value has the environment name `IMAPGATE_` + its key in upper case, those of the section
`[limits]` `IMAPGATE_LIMITS_` + key. What isn't known or valid is refused by its name and place;
only other `IMAPGATE_` names of the environment are left alone (passwords, scripts of one's own).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from platformdirs import user_data_dir

from imapgate.limits import Limits

FILE_NAME = "imapgate.toml"
PREFIX = "IMAPGATE_"
LIMITS_PREFIX = PREFIX + "LIMITS_"
LOGS = ("text", "json")


class SettingsError(Exception):
    """A setting that can't be used; the text is one plain sentence with its name and place."""


@dataclass(frozen=True, slots=True)
class Settings:
    """host: the address to listen on; port: plain IMAP with STARTTLS, tls_port: TLS; 0: any free.
    certificate, key: PEM files of one's own instead of the ones made here (both or neither).
    names: host names and addresses that a made certificate is for, besides this machine's own.
    log: the form of the log, one of LOGS.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 1143
    tls_port: int = 1993
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    log: str = "text"
    limits: Limits = field(default_factory=Limits)

    @property
    def database(self) -> Path:
        return self.data / "imapgate.db"

    @property
    def certs(self) -> Path:
        """The directory of the keys and certificates made here."""
        return self.data / "certs"


def default_data(application: str = "imapgate") -> Path:
    """The application's directory among the user's data, as the system has it."""
    return Path(user_data_dir(application, appauthor=False))


def load(
    *,
    data: Path | None,
    config: Path | None,
    environ: Mapping[str, str],
    application: str = "imapgate",
) -> Settings:
    """data, config: from the command line, at most one of them. Without config, DATA/imapgate.toml
    counts if it is there. application: names the default data directory. Raises SettingsError.
    """
    if config is None and environ.get(PREFIX + "CONFIG") and data is None:
        config = Path(environ[PREFIX + "CONFIG"])
    if config is None:
        named = environ.get(PREFIX + "DATA")
        directory = data or (Path(named) if named else default_data(application))
        file = directory / FILE_NAME
        found = Settings(directory.absolute())
        if file.is_file():
            found = replace(_from_file(found, file), data=found.data)
    else:
        found = _from_file(Settings(default_data(application)), config)
    found = _from_environment(found, environ)
    if data is not None:
        found = replace(found, data=data.absolute())
    if (found.certificate is None) != (found.key is None):
        raise SettingsError(
            'The settings "certificate" and "key" go together: set both or neither.'
        )
    return found


def environment_name(key: str, in_limits: bool) -> str:
    """The name of a setting in the environment."""
    return (LIMITS_PREFIX if in_limits else PREFIX) + key.upper()


def _keys() -> list[str]:
    return [one.name for one in fields(Settings) if one.name != "limits"]


def _limit_keys() -> list[str]:
    return [one.name for one in fields(Limits)]


def _from_file(base: Settings, file: Path) -> Settings:
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"Can't read the settings {file}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings {file} are no valid TOML: {error}.") from error
    limits = values.pop("limits", {})
    if not isinstance(limits, dict):
        raise SettingsError(f'{_place(file, text, "limits", False)}: "limits" is a section.')
    chosen: dict[str, object] = {}
    for key, value in values.items():
        place = _place(file, text, key, False)
        if key not in _keys():
            raise SettingsError(f'{place}: there is no setting "{key}".')
        chosen[key] = _value(key, value, place, file.parent.absolute())
    counted: dict[str, object] = {}
    for key, value in limits.items():
        place = _place(file, text, key, True)
        if key not in _limit_keys():
            raise SettingsError(f'{place}: there is no limit "{key}".')
        counted[key] = _limit(key, value, place)
    return _replaced(base, chosen, counted)


def _from_environment(base: Settings, environ: Mapping[str, str]) -> Settings:
    chosen: dict[str, object] = {}
    for key in _keys():
        name = environment_name(key, False)
        if name in environ:
            chosen[key] = _value(key, _typed(key, environ[name]), name, Path.cwd())
    counted: dict[str, object] = {}
    for name, value in environ.items():
        if not name.startswith(LIMITS_PREFIX):
            continue
        key = name.removeprefix(LIMITS_PREFIX).lower()
        if key not in _limit_keys():
            raise SettingsError(f'{name}: there is no limit "{key}".')
        counted[key] = _limit(key, _number(value), name)
    return _replaced(base, chosen, counted)


def _replaced(base: Settings, chosen: dict[str, object], counted: dict[str, object]) -> Settings:
    limits = replace(base.limits, **counted)  # type: ignore[arg-type]  # each checked by its type
    return replace(base, **chosen, limits=limits)  # type: ignore[arg-type]


def _typed(key: str, text: str) -> object:
    if key in ("port", "tls_port"):
        return _number(text)
    if key == "names":
        return [name.strip() for name in text.split(",") if name.strip()]
    return text


def _number(text: str) -> object:
    """The text itself where it is no number: the check that follows says so."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _value(key: str, value: object, place: str, directory: Path) -> object:
    """directory: what a relative path starts from."""
    if key in ("port", "tls_port"):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65535:
            raise SettingsError(f'{place}: "{key}" is a port number from 0 to 65535.')
        return value
    if key == "names":
        if not isinstance(value, list) or not all(isinstance(n, str) and n for n in value):
            raise SettingsError(f'{place}: "names" is a list of host names.')
        return tuple(value)
    if key == "log":
        if value not in LOGS:
            raise SettingsError(f'{place}: "log" is "text" or "json".')
        return value
    if not isinstance(value, str) or not value:
        raise SettingsError(f'{place}: "{key}" is a text that isn\'t empty.')
    return value if key == "host" else directory / Path(value).expanduser()


def _limit(key: str, value: object, place: str) -> int | float:
    default = getattr(Limits(), key)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float):
        if not number or not math.isfinite(value) or value < 0:  # type: ignore[arg-type,operator]
            raise SettingsError(f'{place}: "{key}" is a time in seconds.')
        return float(value)  # type: ignore[arg-type]
    if not number or not isinstance(value, int) or value < 1:
        raise SettingsError(f'{place}: "{key}" is a whole number from 1 upward.')
    return value


def _place(file: Path, text: str, key: str, in_limits: bool) -> str:
    """`FILE, line N` of the key: tomllib tells no lines, so the first that fits counts."""
    section = ""
    for n, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*[\"']?([^\]\"'.\s]+)", line)
        dotted, _, rest = line.partition(".")
        if header:
            section = header[1]
            name, here = section, ""
        elif not section and dotted.strip() == "limits":
            name, here = rest, "limits"
        else:
            name, here = line, section
        if name.split("=")[0].strip(" \t\"'") == key and here == ("limits" if in_limits else ""):
            return f"{file}, line {n}"
    return str(file)
