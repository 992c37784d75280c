"""Gerrit: stream over SSH, REST, and what their words mean."""
