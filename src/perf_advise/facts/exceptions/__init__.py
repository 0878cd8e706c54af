"""Which code raises nothing."""
