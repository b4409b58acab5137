"""How a mailer stands: what it was set to, what counts of it, how it fares, what is dangerous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.mailer_settings import flat, rules
from imapgate.outgoing.token_holder import authorize
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Tx, mail_accounts
from storage import mailers as rows


@dataclass(frozen=True, slots=True)
class Standing:
    """segment: its name, None: for all segments. settings: as they were set; effective: as they
    count. secrets: names of those that are stored. lacking: a sentence, where nobody can log in
    with what is stored. users: who sends by it, with which address. warnings: a sentence for each
    danger."""

    mailer: Mailer
    segment: str | None
    settings: Mapping[str, Any]
    effective: Mapping[str, Any]
    state: rows.MailerState
    secrets: tuple[str, ...]
    lacking: str | None
    users: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def standing(tx: Tx, mailer: Mailer, key: SecretKey) -> Standing:
    """Of one mailer."""
    row = rows.by_id(tx, mailer.id)
    if row is None:
        raise Mistake(f'There is no mailer "{mailer.name}" any more.')
    settings = mailers.settings_of(tx, mailer)
    secrets, lacking = Secrets(), None
    try:
        rules.check(settings, row.account_settings)
        secrets = mailers.secrets_of(tx, mailer, key)
        rules.check_secrets(settings, secrets)
        oauth = None if mailer.relay is None else mailer.relay.login.oauth
        refreshing = oauth is not None and oauth.grant == "refresh_token"
        if refreshing and secrets.refresh_token is None:
            name = row.account
            command = authorize(mailer) if name is None else f'imapgate account authorize "{name}"'
            lacking = f"It has to be authorized: `{command}`."
    except Mistake as error:
        lacking = str(error)
    return Standing(
        mailer,
        row.segment,
        settings,
        flat.effective(settings, row.account_settings),
        rows.state(tx, mailer.id),
        tuple(name for name, one in asdict(secrets).items() if one is not None),
        lacking,
        tuple((one.principal, one.address) for one in mail_accounts.of_mailer(tx, mailer.id)),
        tuple(rules.warnings(mailer)),
    )


def standings(tx: Tx, segment_id: int | None, key: SecretKey) -> list[Standing]:
    """Of those that a segment's mail may go out by; None: of all."""
    return [standing(tx, one, key) for one in mailers.list_mailers(tx, segment_id)]
