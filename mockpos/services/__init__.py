"""Use cases: what the automator does when it is called, one function each.

They decide on frozen entities inside a transaction of the store and know nothing
of HTTP, files or the machine's clock.
"""
