"""The outside systems, one folder each, strangers to one another."""
