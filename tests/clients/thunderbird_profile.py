"""What a Thunderbird of the tests' own is started with: its program directory and its profile."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

PROGRAM = Path("/usr/lib/thunderbird")
"""Where Debian's package puts it."""

NOBODY = 9
"""A port (discard) at which nothing listens."""

QUIET: dict[str, bool | int | str] = {
    # Ask nothing, advertise nothing.
    "app.donation.eoy.version.viewed": 9999,
    "browser.shell.checkDefaultBrowser": False,
    "mail.accounthub.enabled": False,
    "mail.accounthub.first_run.enabled": False,
    "mail.biff.play_sound": False,
    "mail.biff.show_alert": False,
    "mail.biff.show_tray_icon": False,
    "mail.inappnotifications.enabled": False,
    "mail.prompt_purge_threshhold": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.override": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.startup.enabledMailCheckOnce": True,
    "mail.warn_on_delete_from_trash": False,
    "mail.warn_on_shift_delete": False,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page.url": "about:blank",
    "mailnews.start_page_override.mstone": "ignore",
    "toolkit.startup.max_resumed_crashes": -1,
    # Nothing leaves the machine.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.enabled": False,
    "extensions.blocklist.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "geo.enabled": False,
    "mailnews.auto_config_url": "",
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.trr.mode": 5,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
    # The port is told in the profile (MarionetteActivePort).
    "marionette.port": 0,
    # It downloads nothing on its own ("Keep messages on this computer" is off): that would borrow
    # the connection of the folder that is open, and fail what is done meanwhile without a dialog.
    "mail.server.default.autosync_offline_stores": False,
    # What a picture shows is the same on every machine.
    "calendar.timezone.useSystemTimezone": True,
    "mail.pane_config.dynamic": 0,
    "mail.tabs.autoHide": True,
    "mail.tabs.drawInTitlebar": False,
    "mailnews.default_view_flags": 0,  # a row for each mail, no threads
    "ui.prefersReducedMotion": 1,
    # The search of the local index reads what no test asks for.
    "mailnews.database.global.indexer.enabled": False,
}


def make_profile(directory: Path, web_port: int) -> None:
    """A profile that has never been used. web_port: of the HTTP server that stands for all that the
    web has; HTTPS finds nobody, and IMAP knows no HTTP proxy."""
    directory.mkdir()
    preferences = QUIET | {
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": web_port,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": NOBODY,
    }
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in preferences.items()]
    (directory / "user.js").write_text("".join(lines))


def make_program(directory: Path, autoconfig: Iterable[Path]) -> Path:
    """The program with these files (DOMAIN.xml) in its folder `isp`, as an administrator puts them.

    All but the small launcher are links to what is installed. Gives the launcher.
    """
    directory.mkdir()
    for path in PROGRAM.iterdir():
        if path.name not in ("isp", "thunderbird", "thunderbird-bin"):
            (directory / path.name).symlink_to(path)
    for name in ("thunderbird", "thunderbird-bin"):
        launcher = directory / name
        launcher.write_bytes((PROGRAM / name).resolve().read_bytes())
        launcher.chmod(0o755)
    (directory / "isp").mkdir()
    for file in autoconfig:
        (directory / "isp" / file.name).write_bytes(file.read_bytes())
    return directory / "thunderbird-bin"
