"""What lies beyond the function: project functions, classes and attributes, and what callers give."""
