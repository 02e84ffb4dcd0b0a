"""Executions that somebody watches: their cards, their stories, and what watching may cost."""
