"""How entities are written down: plain dictionaries for the JSON file, its log, imports and exports.

Reading is strict: whatever is wrong raises BadDocument with the field's name.
"""
