"""What the benchmarks count is counted rightly."""
