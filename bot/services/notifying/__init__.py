"""Hearing of executions, from wherever, and telling each channel that wants to know: once."""
