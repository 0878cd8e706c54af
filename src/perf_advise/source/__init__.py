"""Files and notebooks as text: where functions are, edits, atomic writes, undo."""
