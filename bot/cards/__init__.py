"""What people see: domain values in, Slack messages and modals out. Pure."""
