"""Rosters kept elsewhere: governance's projects.yaml and release_liaisons.yaml, also as of an instant from git."""
