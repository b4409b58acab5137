"""An account as whoever logs in with tokens."""

from __future__ import annotations

from functools import partial

from imapgate.incoming.account import Account
from imapgate.incoming.accounts import owner, replace_secrets, secrets_of
from imapgate.servers.oauth.tokens import Holder
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Tx


def holder(account: Account, key: SecretKey) -> Holder:
    """For servers.oauth.tokens.Tokens."""
    return Holder(
        owner(account.id),
        f'account "{account.name}"',
        f'imapgate account authorize "{account.name}"',
        account.place,
        partial(secrets_of, account=account, key=key),
        partial(_renew, account=account, key=key),
    )


def _renew(tx: Tx, came: str, *, account: Account, key: SecretKey) -> None:
    replace_secrets(tx, account, Secrets(refresh_token=came), key)
