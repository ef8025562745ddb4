"""Server for a checkpoint or recorded answers that implements the protocols of published clients."""
