"""Command lines: from words to runs, sweeps and their folders."""
