"""Checks what people write in files, bodies and queries: one way to say what is wrong, where, and what was meant.

Independent of Flask and of what is checked.
"""
