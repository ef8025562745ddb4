"""Brief trials of tasks, policies, variations and robots, before a night is spent on them."""
