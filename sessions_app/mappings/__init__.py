"""How a framework's own rows lie in our tables, and how they come out of them again, equal.

One package each for frameworks that come in twice: over the wire (``dialects``) and in process (``adapters``). Both
import their mapping from here, so that neither has to know the other.
"""
