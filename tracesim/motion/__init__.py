"""How a body follows a trace."""
