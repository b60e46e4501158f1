"""How each server is started, one a file."""
