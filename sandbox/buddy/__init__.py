"""A simulated Buddy."""
