"""The demo director: plays a story in a throw-away world, for an audience, and lets the presenter improvise."""
