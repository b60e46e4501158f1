"""The calls of one sandbox, as they came and went, for as long as there is room; read and redacted on demand."""
