"""Slack and web edges."""
