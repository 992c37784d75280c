"""The gate of a repo of release requests at the server: what it is, how it is made, and the proof that it shuts."""
