"""Runs inside the user's interpreter (Python 3.9 or later): standard library only, nothing of the rest imported."""
