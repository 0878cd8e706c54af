"""Run a program once and keep its profile; what runs inside the program is in `agent` and imports none of this."""
