"""What running code touches: effects, aliases, purity, invariance."""
