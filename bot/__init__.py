"""Greenlight: run, approve, cancel and retry Buddy pipelines from Slack, as yourself."""

__version__ = "0.1.0"
