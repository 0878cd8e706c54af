"""What Numba supports, and whether compiling pays."""
