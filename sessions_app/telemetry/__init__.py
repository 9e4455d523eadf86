"""OpenTelemetry's GenAI spans become sessions, runs and messages.

A conversation is a session, an agent's invocation a run, a call of a model the messages of that run. ``otlp`` decodes
what exporters send, ``spans`` says what a span is, ``content`` and ``legacy`` find the messages in it, ``history``
tells new messages from repeated ones, ``runs`` puts the spans of a trace together, ``store`` writes the result, and
``order`` sees to it that late runs come to their place. What stands for what is told in docs/opentelemetry.md.
"""
