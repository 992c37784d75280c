"""Launchpad: a session that never asks questions."""
