"""The nouns: frozen dataclasses that flow one way; standard library only."""
