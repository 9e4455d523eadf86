"""How our own operations are described: one module for each kind of thing."""
