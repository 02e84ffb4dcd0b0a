"""How much following costs: thousands of open executions, beside a task for each; and a crowd."""
