"""Pull-request mode: what is slow now and was not at the base."""
