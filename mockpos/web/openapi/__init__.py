"""The OpenAPI document of the active contract: all of it is derived from the contract and the catalogue of codes."""
