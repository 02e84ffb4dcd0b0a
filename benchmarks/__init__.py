"""How fast Slack is acknowledged and operations are done, measured beside peers in one run."""
