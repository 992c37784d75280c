"""A stand-in for Gerrit: accounts, changes, reviewers, messages; stream over SSH and REST."""
