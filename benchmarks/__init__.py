"""How fast Slack is acknowledged, measured beside peers in one run."""
