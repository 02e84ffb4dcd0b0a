"""What an operator asks of the database, beside running bots."""
