"""Effects on Slack: who somebody is, and every message that is sent."""
