"""What this machine offers: drivers, caches, terminals and logs, optional packages, child processes."""
