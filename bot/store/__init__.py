"""The bot's own rows."""
