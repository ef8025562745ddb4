"""Services of the machine: Vulkan drivers, the cache, terminal and log, optional packages, child processes."""
