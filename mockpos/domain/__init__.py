"""What tickets, holds and invoices are, and the rules between them.

Pure Python on the standard library: no I/O, no clock of its own, no randomness,
no HTTP. Everything above may import it; it imports nothing of mockpos.
"""
