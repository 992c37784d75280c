"""The process: config, journal, workers, commands."""
