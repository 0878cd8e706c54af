"""Ranges of numbers and lengths of containers."""
