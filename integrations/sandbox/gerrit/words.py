"""What the JSON of REST is made of everywhere: times, accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from integrations.sandbox.gerrit.registry import Registry

Json = dict[str, Any]


def timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000000")


def account_info(state: Registry, account_id: int, *, detailed: bool = True) -> Json:
    account = state.accounts[account_id]
    info: Json = {"_account_id": account_id}
    if not detailed:
        return info
    words = {"name": account.name, "email": account.email, "username": account.username}
    info |= {key: word for key, word in words.items() if word}
    info |= {"tags": ["SERVICE_USER"]} if state.is_service(account_id) else {}
    return info if account.active else info | {"inactive": True}
