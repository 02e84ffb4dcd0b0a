"""A sandbox to type in: one channel, the people in it, and what happens behind the scenes.

keys → editor → console     from bytes to lines, and output above the line being typed
session                     what a line means: a command, an answer to a dialog, a button
backstage                   pushes, runs, failures, outages: what happens outside Slack
news → buttons → screen     what changed in Slack, with numbered buttons, in boxes
"""
