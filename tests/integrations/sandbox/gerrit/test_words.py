"""Times and accounts."""

from __future__ import annotations

from integrations.sandbox.gerrit.words import account_info, timestamp
from tests.integrations.sandbox.gerrit.world import START, World


def test_times_have_nine_digits_and_no_zone() -> None:
    assert timestamp(START) == "2026-01-02 03:04:05.000000000"


def test_an_account_is_a_number_or_all_that_is_known() -> None:
    world = World()
    bot = world.bot.account_id
    assert account_info(world.state, bot, detailed=False) == {"_account_id": bot}
    world.state.edit_account(bot, active=False)
    info = account_info(world.state, bot)
    assert (info["username"], info["tags"], info["inactive"]) == ("czar-bot", ["SERVICE_USER"], True)
