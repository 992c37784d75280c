"""People, told by mail, chat or whatever else apprise knows."""
