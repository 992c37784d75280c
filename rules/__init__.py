"""Who is asked, and why: pure values and functions, no clock, no network, no disk."""
