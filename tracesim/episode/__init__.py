"""Episodes: single seeds of a task, from the first observation to the record."""
