"""Configuration files that Hydra composes: a folder for each group, a file for each choice."""
