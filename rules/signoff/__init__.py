"""Release sign-off: what is asked for, who may sign it, what they did, and where it stands."""
