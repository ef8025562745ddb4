"""How a body follows a trace: one motion a file."""
