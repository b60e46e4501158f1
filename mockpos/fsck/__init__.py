"""Looks at an inventory's files without opening a store: what is wrong with them, what it means, what would help.

A look takes no lock and writes nothing, so it may be had while somebody serves the files. Only ``repair`` writes.
Independent of the command line: whoever shows a report decides how.
"""
