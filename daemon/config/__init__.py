"""The config directory as checked values: czar.yaml, roster.yaml, teams.d, rules.yaml; every mistake at its place."""
