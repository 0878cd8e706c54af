"""What known functions and methods do, as data."""
