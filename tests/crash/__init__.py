"""Kill the bot at every boundary between two effects, and hold it to its promises.

zygote.py      imports everything once and forks victims; kills them all when we are gone
victim.py      one real bot process: the unmodified ``bot.app.serve``, and who watches it
boundaries.py  names each point between two statements, and halts the process at a chosen one
front.py       the load balancer before the replicas
universe.py    both simulators, a database, and the replicas that live between them
scenes.py      what people do in one run
told.py        what comes by itself: notifications, reminders, letters
curtain.py     how a run is set up
faults.py      what Slack and Buddy do wrong meanwhile
traps.py       where a bot is caught: at a boundary of its own, or of a far side
runs.py        one run: act, strike at a boundary, wait until all is well
judge.py       what may be believed: Buddy's history, Slack's messages, never the bot's rows
plays.py       all that can be played, each boundary in its turn
campaign.py    play everything once, then strike
report.py      the table
"""
