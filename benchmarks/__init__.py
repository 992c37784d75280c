"""What things cost. Each prints a table, and none is a test."""
