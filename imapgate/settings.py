"""Settings: a TOML file, the environment, and what the command line says, later ones winning.

Every value has the environment name `IMAPGATE_` + its key in upper case, those of a section
`IMAPGATE_LIMITS_`, `IMAPGATE_OUTGOING_`, `IMAPGATE_WORKAROUNDS_` + key. What isn't known or valid
is refused by its name and place; only other `IMAPGATE_` names of the environment are left alone
(passwords, scripts of one's own).
"""

from __future__ import annotations

import ipaddress
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from imapgate.limits import MAY_BE_NONE, Limits
from imapgate.workarounds import Workarounds

FILE_NAME = "imapgate.toml"
PREFIX = "IMAPGATE_"
LOGS = ("text", "json")
SECURITIES = ("none", "starttls", "tls")
"""How a connection is encrypted: not at all, by STARTTLS, from the first octet."""
OUTGOING_LOGINS = ("address", "name", "none")
"""What clients sign in with where they send mail: the e-mail address, what stands before its @, or
nothing."""


class SettingsError(Exception):
    """A setting that can't be used; the text is one plain sentence with its name and place."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Another SMTP server that clients are told to send by; imapgate itself never connects to it.
    host: empty where none is named: then it is the submission listener, where there is one.
    security: one of SECURITIES; login: of OUTGOING_LOGINS."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    login: str = "address"


@dataclass(frozen=True, slots=True)
class Settings:
    """host: the address to listen on; port: plain IMAP with STARTTLS, tls_port: TLS, http_port: how
    clients set themselves up, over HTTP; submission_port: where clients send mail, with STARTTLS,
    submission_tls_port: the same with TLS (None: not served); 0: any free.
    certificate, key: PEM files of one's own instead of the ones made here (both or neither).
    secrets_key: the file of the key that accounts' stored passwords are encrypted with; None:
    DATA/secrets.key.
    names: host names and addresses that a made certificate is for, besides this machine's own; the
    first is the one that clients are told to connect to.
    log: the form of the log, one of LOGS.
    compress: whether COMPRESS=DEFLATE is offered to clients on other machines.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 1143
    tls_port: int = 1993
    http_port: int | None = None
    submission_port: int | None = None
    submission_tls_port: int | None = None
    certificate: Path | None = None
    key: Path | None = None
    secrets_key: Path | None = None
    names: tuple[str, ...] = ()
    log: str = "text"
    compress: bool = False
    limits: Limits = field(default_factory=Limits)
    outgoing: Outgoing = field(default_factory=Outgoing)
    workarounds: Workarounds = field(default_factory=Workarounds)

    @property
    def database(self) -> Path:
        return self.data / "imapgate.db"

    @property
    def certs(self) -> Path:
        """The directory of the keys and certificates made here."""
        return self.data / "certs"

    @property
    def log_directory(self) -> Path:
        """Where the log is kept."""
        return self.data / "log"

    @property
    def secrets_key_file(self) -> Path:
        return self.secrets_key or self.data / "secrets.key"


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


def environment_name(key: str, section: str = "") -> str:
    """The name of a setting in the environment."""
    return PREFIX + (f"{section}_{key}" if section else key).upper()


def is_loopback(host: str) -> bool:
    """An address of this machine alone, or `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


_SECTIONS: dict[str, type[Any]] = {
    "limits": Limits,
    "outgoing": Outgoing,
    "workarounds": Workarounds,
}
_PORTS = ("port", "tls_port", "http_port", "submission_port", "submission_tls_port")
_SWITCHES = ("compress",)
_HOST_NAME = re.compile(r"[^\s/:@,;<>\"']+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
"""Or an IPv6 address; what people take for a name: one with a blank, its port, an URL."""


def _keys(section: str) -> list[str]:
    owner = _SECTIONS.get(section, Settings)
    return [one.name for one in fields(owner) if section or one.name not in _SECTIONS]


def _from_file(base: Settings, file: Path) -> Settings:
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"Can't read the settings {file}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings {file} are no valid TOML: {error}.") from error
    sections = {"": values}
    for section in _SECTIONS:
        found = values.pop(section, {})
        if not isinstance(found, dict):
            raise SettingsError(f'{_place(file, text, section, "")}: "{section}" is a section.')
        sections[section] = found
    for section, chosen in sections.items():
        checked: dict[str, object] = {}
        for key, value in chosen.items():
            place = _place(file, text, key, section)
            checked[key] = _checked(section, key, value, place, file.parent.absolute())
        base = _replaced(base, section, checked)
    return base


def _from_environment(base: Settings, environ: Mapping[str, str]) -> Settings:
    for section in ("", *_SECTIONS):
        checked: dict[str, object] = {}
        prefix = environment_name("", section)
        for name, text in environ.items():
            key = name.removeprefix(prefix).lower()
            if name.startswith(prefix) and (section or key in _keys("")):
                value = _typed(section, key, text)
                checked[key] = _checked(section, key, value, name, Path.cwd())
        base = _replaced(base, section, checked)
    return base


def _replaced(base: Settings, section: str, chosen: dict[str, Any]) -> Settings:
    if section:
        chosen = {section: replace(getattr(base, section), **chosen)}
    return replace(base, **chosen)


def _typed(section: str, key: str, text: str) -> object:
    """What an environment variable means; the check that follows looks at what it is."""
    if section == "limits" or key in _PORTS:
        return _number(text)
    if _is_switch(section, key) and text.lower() in ("true", "false"):
        return text.lower() == "true"
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


def _checked(section: str, key: str, value: object, place: str, directory: Path) -> object:
    """directory: what a relative path starts from. Raises SettingsError."""
    if key not in _keys(section):
        kind = "limit" if section == "limits" else "setting"
        within = f" in [{section}]" if section and section != "limits" else ""
        raise SettingsError(f'{place}: there is no {kind} "{key}"{within}.')
    if section == "limits":
        return _limit(key, value, place)
    if key in _PORTS:
        return _port(key, value, place, lowest=1 if section else 0)
    if _is_switch(section, key):
        if not isinstance(value, bool):
            raise SettingsError(f'{place}: "{key}" is true or false.')
        return value
    choices = _choices(section, key)
    if choices:
        if value not in choices:
            *first, last = (f'"{one}"' for one in choices)
            wanted = f"{', '.join(first)} or {last}"
            raise SettingsError(f'{place}: "{key}" is {wanted}.')
        return value
    if key == "names":
        if not isinstance(value, list) or not all(isinstance(n, str) and n for n in value):
            raise SettingsError(f'{place}: "names" is a list of host names.')
        return tuple(_host_name(key, one, place) for one in value)
    if not isinstance(value, str) or not value:
        raise SettingsError(f'{place}: "{key}" is a text that isn\'t empty.')
    if section == "outgoing":
        return _host_name(key, value, place)
    return value if key == "host" else directory / Path(value).expanduser()


def _host_name(key: str, value: str, place: str) -> str:
    """Whether the name exists, and whether a certificate can be for it, shows when it is used."""
    if not _HOST_NAME.fullmatch(value):
        raise SettingsError(f'{place}: "{value}" in "{key}" is no host name.')
    return value


def _is_switch(section: str, key: str) -> bool:
    return section == "workarounds" or key in _SWITCHES


def _choices(section: str, key: str) -> tuple[str, ...]:
    return {
        ("", "log"): LOGS,
        ("outgoing", "security"): SECURITIES,
        ("outgoing", "login"): OUTGOING_LOGINS,
    }.get((section, key), ())


def _port(key: str, value: object, place: str, lowest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= 65535:
        raise SettingsError(f'{place}: "{key}" is a port number from {lowest} to 65535.')
    return value


def _limit(key: str, value: object, place: str) -> int | float:
    default = getattr(Limits(), key)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float):
        if not number or not math.isfinite(value) or value < 0:  # type: ignore[arg-type,operator]
            raise SettingsError(f'{place}: "{key}" is a time in seconds.')
        return float(value)  # type: ignore[arg-type]
    least = 0 if key in MAY_BE_NONE else 1
    if not number or not isinstance(value, int) or value < least:
        raise SettingsError(f'{place}: "{key}" is a whole number from {least} upward.')
    return value


def _place(file: Path, text: str, key: str, wanted: str) -> str:
    """`FILE, line N` of the key in the wanted section: tomllib tells no lines, so the first that
    fits counts."""
    section = ""
    for n, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*[\"']?([^\]\"'.\s]+)", line)
        dotted, _, rest = line.partition(".")
        if header:
            section = header[1]
            name, here = section, ""
        elif not section and dotted.strip() in _SECTIONS:
            name, here = rest, dotted.strip()
        else:
            name, here = line, section
        if name.split("=")[0].strip(" \t\"'") == key and here == wanted:
            return f"{file}, line {n}"
    return str(file)
