"""Taking a loop nest out into a kernel at module level."""
