"""Find, load and validate rule packs: the built-in one and the user's own."""
