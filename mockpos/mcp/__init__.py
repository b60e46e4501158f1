"""mockpos for agents: a server of the Model Context Protocol, with few tools that each do a whole task.

It knows a running mockpos from outside, as tests do.
"""
