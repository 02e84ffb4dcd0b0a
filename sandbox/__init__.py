"""Slack and Buddy simulated on loopback: for the demo, the tests and the benchmarks.

The simulators are written from the platforms' documentation and share no code with the bot: a
simulator that did would share its mistakes.
"""
