"""What the bot does, in its users' verbs."""
