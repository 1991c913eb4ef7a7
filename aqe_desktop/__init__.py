"""AQE Desktop: a local-first LLM workplace; the package root holds the version and nothing that costs start-up time."""

__version__ = "0.1.0"
