"""A store for the sessions of AI agents: one set of tables, many wires in and out."""

__version__ = "0.1.0"
