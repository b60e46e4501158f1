"""Wire contracts as data: how the three operations look on the wire. Independent of the server that speaks them."""
