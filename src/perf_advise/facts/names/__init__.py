"""What the text of a slice alone says: scopes, flow, definitions, liveness."""
