"""The house as docs/rules.md draws it: who may import whom, and how long a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("imapgate", "storage", "certs")
LONGEST = 400

MAY_IMPORT = {
    "certs": set(),
    "storage": set(),
    "imapgate.limits": set(),
    "imapgate.workarounds": set(),
    "imapgate.wire": set(),
    "imapgate.mime": set(),
    "imapgate.settings": {"imapgate.limits", "imapgate.workarounds"},
    "imapgate.activities": {"imapgate.limits", "imapgate.mime", "storage"},
    "imapgate.folders": {
        "imapgate.limits",
        "imapgate.activities",
        "imapgate.mime",
        "imapgate.wire",
        "storage",
    },
    "imapgate.connections": {"imapgate.limits", "imapgate.folders", "storage"},
    "imapgate.session": {
        "imapgate.limits",
        "imapgate.connections",
        "imapgate.workarounds",
        "imapgate.folders",
        "imapgate.wire",
        "storage",
    },
    "imapgate.servers": {"imapgate.limits", "imapgate.activities", "storage"},
    "imapgate.outgoing": {
        "imapgate.limits",
        "imapgate.servers",
        "imapgate.folders",
        "imapgate.activities",
        "imapgate.mime",
        "imapgate.wire",
        "storage",
    },
    "imapgate.submission": {
        "imapgate.limits",
        "imapgate.connections",
        "imapgate.outgoing",
        "imapgate.incoming",
        "imapgate.folders",
        "imapgate.activities",
        "imapgate.mime",
        "storage",
    },
    "imapgate.incoming": {
        "imapgate.limits",
        "imapgate.servers",
        "imapgate.outgoing",
        "imapgate.folders",
        "imapgate.activities",
        "imapgate.mime",
        "imapgate.wire",
        "storage",
    },
    "imapgate.client_setup": {"imapgate.limits", "imapgate.settings", "imapgate.tls", "certs"},
}
"""Rooms and single modules; what isn't named (service, the command line) may import everything."""
SESSION_HOLDS = {"storage", "storage.Database", "storage.Tx", "storage.engine", "storage.changes"}
"""session hands the database down and hears of changes; rows are none of its business."""
ABOVE = {"imapgate.service", "imapgate.cli"}
NO_IO = {"imapgate.wire", "imapgate.mime"}
NO_IO_FORBIDS = ("twisted", "sqlalchemy", "sqlite3", "socket", "OpenSSL", "subprocess", "threading")
TWISTED = (
    "imapgate.connections",
    "imapgate.session",
    "imapgate.submission",
    "imapgate.client_setup.listener",
    "imapgate.service",
    "imapgate.log",
    "imapgate.cli",
)


def _files() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), file


def _imports(module: str, file: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                is_package = file.name == "__init__.py"
                base = module.split(".")[: None if is_package and node.level == 1 else -node.level]
                origin = ".".join([*base, origin]).rstrip(".")
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _room(module: str) -> str:
    """`storage`, `imapgate.wire`, `imapgate.limits`, ...; outside of the house the top package."""
    parts = module.split(".")
    if parts[0] == "imapgate" and len(parts) > 1:
        return ".".join(parts[:2])
    return parts[0]


MODULES = list(_files())
ROOMS = {_room(module) for module, _ in MODULES} - {"imapgate"}


@pytest.mark.parametrize(("module", "file"), MODULES, ids=[module for module, _ in MODULES])
def test_imports_follow_the_arrows(module: str, file: Path) -> None:
    """session -> folders -> activities -> storage and so on; nothing imports upward."""
    room = _room(module)
    for imported in _imports(module, file):
        target = _room(imported)
        if target == room or target not in ROOMS:
            continue
        if room in MAY_IMPORT:
            assert target in MAY_IMPORT[room], f"{module} imports {imported}"
        if room == "imapgate.session" and target == "storage":
            held = ".".join(imported.split(".")[:2])
            assert held in SESSION_HOLDS, f"{module} imports {imported}"


@pytest.mark.parametrize(("module", "file"), MODULES, ids=[module for module, _ in MODULES])
def test_files_have_one_reason_to_change(module: str, file: Path) -> None:
    """No file is longer than 400 lines, the tables' history apart."""
    if module.startswith("storage.migrations.versions"):
        return
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST, module


@pytest.mark.parametrize("directory", ["tests", "bench"])
def test_files_of_tests_are_no_longer(directory: str) -> None:
    """A new theme is a new file there, too; shared stands are modules beside the tests."""
    files = list((ROOT / directory).rglob("*.py"))
    assert files
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {file: count for file, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize(("module", "file"), MODULES, ids=[module for module, _ in MODULES])
def test_only_the_asynchronous_rooms_know_twisted(module: str, file: Path) -> None:
    """wire and mime do no I/O; below session everything is plain synchronous code."""
    for imported in _imports(module, file):
        if _room(module) in NO_IO:
            assert imported.split(".")[0] not in NO_IO_FORBIDS, f"{module} imports {imported}"
        if not module.startswith(TWISTED):
            assert imported.split(".")[0] != "twisted", f"{module} imports {imported}"
        if _room(module) not in ("storage",):
            assert imported.split(".")[0] not in ("sqlalchemy", "sqlite3"), (
                f"{module} imports {imported}"
            )


def test_the_arrows_are_looked_at() -> None:
    """The reading of imports finds both forms, relative ones too."""
    assert len(MODULES) > 30
    assert {"imapgate.wire", "imapgate.folders", "storage"} <= {_room(name) for name, _ in MODULES}
    service = ROOT / "imapgate" / "folders" / "drops.py"
    assert "imapgate.limits.Limits" in set(_imports("imapgate.folders.drops", service))
    assert _room("imapgate.folders.drops") == "imapgate.folders"


def test_rooms_may_not_import_those_above() -> None:
    """The table itself lets nobody import the command line or the service."""
    for room, targets in MAY_IMPORT.items():
        assert not targets & ABOVE, room
