"""Configuration files that Hydra composes: one folder a group, one file a choice."""
