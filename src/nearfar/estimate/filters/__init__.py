"""Depth maps made better: filters as pure functions and small stateful objects on arrays."""
