"""perf-advise: advice for the hot functions of a slow Python program, and the proof that it holds."""

__version__ = "0.1.0"
