"""Stories through the whole bot, in the words of its users."""
