"""Buddy's API: pure wire format, wire models, and a thin client. Knows no Slack."""
