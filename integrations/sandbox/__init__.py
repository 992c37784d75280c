"""Stand-ins that keep state, for newcomers, tests and the simulation."""
