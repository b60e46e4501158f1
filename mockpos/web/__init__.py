"""The Flask application: product routes of the active contract, documentation, and what stands beside them."""
