"""Submissions: results that are checked, packed into one file with everything behind them, and verified elsewhere."""
