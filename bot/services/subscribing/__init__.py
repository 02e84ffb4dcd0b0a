"""What channels are told: asked for, changed, ended, and what Buddy must know for it."""
