"""Release files: YAML texts before and after a change, read into a request."""
