"""What starts a run: it is taken, checked, sent once, and found again should its answer be lost."""
