"""`# perf-advise: ignore[...]` comments, on the line of the finding or of the `def`."""
