"""Agno's session rows and run dicts, which AgentOS serves and agno's database classes keep."""
