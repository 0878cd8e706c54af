"""What a file suggests of types when its calls are taken at their word."""
