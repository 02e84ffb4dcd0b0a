"""Notifications under load: deliveries at full speed while the bot is killed, and at a pace."""
