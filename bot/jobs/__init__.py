"""Durable work: the jobs table, the loop that does what is due, and each process's heartbeat."""
