"""The commands of `czar`, one module each."""
