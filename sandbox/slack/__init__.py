"""A simulated Slack."""
