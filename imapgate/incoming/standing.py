"""How an account stands: what it was set to, how its rounds went, what waits, what is dangerous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from imapgate.activities import routing
from imapgate.activities.names import Mistake
from imapgate.activities.outcome import Refusal
from imapgate.incoming import accounts
from imapgate.incoming.account import Account, Reading
from imapgate.incoming.settings import rules
from imapgate.incoming.settings.defaults import effective
from imapgate.incoming.settings.flat import settings_of
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from imapgate.servers.settings import rules as server_rules
from storage import Tx
from storage import accounts as rows


@dataclass(frozen=True, slots=True)
class Standing:
    """reading: as it is in effect. queued: state -> messages that are neither filed nor discarded.
    secrets: names of those that are stored. lacking: a sentence, where nobody can log in with what
    is stored. homeless: why what it brings has no place. warnings: a sentence for each
    danger, that one too."""

    account: Account
    reading: Reading
    state: rows.StateRow
    queued: Mapping[str, int]
    secrets: tuple[str, ...]
    lacking: str | None
    homeless: str | None
    warnings: tuple[str, ...]


def standing(tx: Tx, account: Account, key: SecretKey) -> Standing:
    """Of one account."""
    return _standing(tx, account, key, rows.queued(tx, account.segment_id))


def standings(tx: Tx, segment_id: int | None, key: SecretKey) -> list[Standing]:
    """Of a segment's accounts, in the order of their making; None: of all segments."""
    queued = rows.queued(tx, segment_id)
    return [_standing(tx, one, key, queued) for one in accounts.list_accounts(tx, segment_id)]


def homeless_because(tx: Tx, account: Account) -> str | None:
    """Why what it brings has no place, a cause without full stop; None: it has one."""
    row = rows.by_id(tx, account.id)
    creator_id = None if row is None else row.creator_id
    usual = routing.place(tx, account.segment_id, routing.Policy(creator_id=creator_id))
    return usual.text if isinstance(usual, Refusal) else None


def not_filed(cause: str) -> str:
    return f"What it brings can't be filed: {cause}."


def _standing(
    tx: Tx, account: Account, key: SecretKey, queued: Mapping[int, Mapping[str, int]]
) -> Standing:
    reading = effective(tx, account)
    secrets, lacking = Secrets(), None
    try:
        secrets = accounts.secrets_of(tx, account, key)
        server_rules.check_secrets(settings_of(account), secrets, "account")
        login = account.place.login
        refreshing = login.oauth is not None and login.oauth.grant == "refresh_token"
        if refreshing and secrets.refresh_token is None:
            lacking = f'It has to be authorized: `imapgate account authorize "{account.name}"`.'
    except Mistake as error:
        lacking = str(error)
    homeless = homeless_because(tx, account)
    warnings = list(rules.warnings(account, reading))
    if homeless is not None:
        warnings.append(not_filed(homeless))
    return Standing(
        account,
        reading,
        rows.state(tx, account.id),
        queued.get(account.id, {}),
        tuple(name for name, one in asdict(secrets).items() if one is not None),
        lacking,
        homeless,
        tuple(warnings),
    )
