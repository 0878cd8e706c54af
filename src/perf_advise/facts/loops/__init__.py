"""The loop model: domains, accesses, dependences, and what a nest can become."""
