"""What a click does: it is taken, checked, sent once, and its outcome is told."""
