"""Where a world is kept: in memory, or in memory with a JSON file and its commit log."""
