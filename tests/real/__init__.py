"""Real Gerrit servers for the tests: fetched, started, filled, stopped."""
