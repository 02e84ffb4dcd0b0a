"""What the bot knows: pure values and rules, no I/O, no clock, no framework."""
