"""How fast the store answers, beside AgentOS and beside what Python and the database allow: ``make bench``."""
