"""A real Thunderbird on a screen of its own, driven as a person uses it (Debian's package)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from marionette import Marionette, Refused

SCREEN = "1200x750"
PICTURES = os.environ.get("IMAPGATE_PICTURES", "")
"""Where pictures are to be written; none are, unless this is set."""
STARTED_WITHIN = 60.0
"""Seconds."""
SCRIPTS = (
    "thunderbird_desk.js",
    "thunderbird_folders.js",
    "thunderbird_mails.js",
    "thunderbird_drafts.js",
    "thunderbird_sending.js",
    "thunderbird_threads.js",
)


class NoDialog(AssertionError):
    """None has opened."""


class Thunderbird:
    """A running Thunderbird; `thunderbird_*.js` say what each call does."""

    def __init__(self, marionette: Marionette, display: str) -> None:
        self.marionette = marionette
        self._display = display
        for name in SCRIPTS:
            self.marionette.script((Path(__file__).parent / name).read_text(encoding="utf-8"))

    def __getattr__(self, name: str) -> Any:
        """`thunderbird.open_folder("INBOX")` calls `desk.openFolder("INBOX")` of the scripts."""
        if name.startswith("_"):
            raise AttributeError(name)
        first, *others = name.split("_")
        called = first + "".join(word.capitalize() for word in others)

        def call(*arguments: Any) -> Any:
            return self.marionette.script(f"return window.desk.{called}(...args);", *arguments)

        return call

    def until(self, name: str, *arguments: Any, seconds: float = 30.0) -> Any:
        """The first answer of a call that isn't empty; fails after so long."""
        end = time.monotonic() + seconds
        while True:
            answer = getattr(self, name)(*arguments)
            if answer:
                return answer
            assert time.monotonic() < end, f"{name}{arguments}: still {answer!r} after {seconds} s"
            time.sleep(0.1)

    def dialog(self, seconds: float = 30.0) -> str:
        """The text of the dialog that is open, or opens within so long. It stays open."""
        end = time.monotonic() + seconds
        while True:
            try:
                return str(self.marionette.command("WebDriver:GetAlertText")["value"])
            except Refused:
                if time.monotonic() > end:
                    raise NoDialog(f"no dialog has opened within {seconds} s") from None
                time.sleep(0.1)

    def dialog_if_any(self, seconds: float = 5.0) -> str | None:
        """The same, or None if none opens."""
        try:
            return self.dialog(seconds)
        except NoDialog:
            return None

    def press_ok(self) -> None:
        """In the dialog that is open."""
        self.marionette.command("WebDriver:AcceptAlert")

    def picture(self, name: str) -> None:
        """Write the screen to `NAME.png`, if pictures are wanted (docs/pictures/README.md)."""
        if not PICTURES:
            return
        time.sleep(1.0)  # what moves has come to rest
        target = Path(PICTURES) / f"{name}.png"
        words = ["import", "-silent", "-window", "root", "-display", self._display]
        reduced = ["-strip", "+dither", "-colors", "64", f"PNG8:{target}"]
        subprocess.run([*words, *reduced], check=True)

    def quit(self) -> None:
        with suppress(ConnectionError, Refused):
            self.marionette.script(
                "setTimeout(() => Services.startup.quit(Ci.nsIAppStartup.eForceQuit), 0);"
            )
        self.marionette.close()


@contextmanager
def running(
    launcher: Path, profile: Path, log: IO[bytes], seconds: float = STARTED_WITHIN
) -> Iterator[Thunderbird]:
    """Starts the program with a profile on a screen of its own; ends both."""
    with _screen(log) as display:
        process = subprocess.Popen(
            [
                launcher,
                *("--no-remote", "--new-instance", "--profile", profile),
                *("--marionette", "--remote-allow-system-access"),
            ],
            env=_environment(profile, display),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            thunderbird = Thunderbird(_connected(profile, process, seconds), display)
            try:
                yield thunderbird
            finally:
                thunderbird.quit()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=15)
        finally:
            _end(process)


def _environment(profile: Path, display: str) -> dict[str, str]:
    return {
        **os.environ,
        "DISPLAY": display,
        "HOME": str(profile),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "MOZ_CRASHREPORTER_DISABLE": "1",
        "MOZ_DISABLE_CONTENT_SANDBOX": "1",  # needs rights that a container doesn't have
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
        "GTK_USE_PORTAL": "0",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }


def _connected(profile: Path, process: subprocess.Popen[bytes], seconds: float) -> Marionette:
    """Once its main window is there."""
    told = profile / "MarionetteActivePort"
    end = time.monotonic() + seconds
    while True:
        assert process.poll() is None, f"Thunderbird ended with {process.returncode}"
        assert time.monotonic() < end, f"Thunderbird hasn't started within {seconds} s"
        with suppress(OSError, ValueError):
            return Marionette(int(told.read_text()))
        time.sleep(0.05)


@contextmanager
def _screen(log: IO[bytes]) -> Iterator[str]:
    """An X server without a network port, on a free display."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb hasn't started"
        yield f":{number}"
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
