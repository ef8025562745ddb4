"""What this machine offers: drivers, caches, optional packages and child processes."""
