"""The wire contract as data: read from a file, compiled into routes, readers and writers of bodies."""
