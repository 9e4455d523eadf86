"""Words that made-up sessions are put together from."""

from __future__ import annotations

AGENTS = (
    "Support desk",
    "Order tracker",
    "Travel planner",
    "Invoice reader",
    "Code reviewer",
    "Data analyst",
    "Research assistant",
    "Onboarding guide",
    "Legal summariser",
    "Recipe finder",
    "Release notes writer",
    "Translator",
)
TAGS = ("vip", "bug", "billing", "follow-up", "escalated", "feedback", "beta", "praise")
SUBJECTS = ("refund", "delivery", "invoice", "password", "warranty", "subscription", "discount", "address", "return")
SYSTEM = "You help customers of a small shop. Be brief and friendly. Look up what you do not know."
QUESTIONS = (
    "Where is order {order}? I am waiting for the {subject}.",
    "I have a question about my {subject} for order {order}.",
    "Can you help me with the {subject} of {order}? It does not work as I expected.",
    "Please change the {subject} on {order} before it is sent.",
    "Why was I charged twice for {order}? I would like to talk about the {subject}.",
    "How long does the {subject} take? My number is {order}.",
)
ANSWERS = (
    "I have looked at order {order}. The {subject} is on its way and should be with you in two days.",
    "Thank you for asking. I have noted the {subject} for order {order}; you will get an email about it today.",
    "I am sorry for the trouble with the {subject}. Order {order} has been corrected, and nothing else is needed.",
    "The {subject} of order {order} is settled:\n\n1. We have checked it.\n2. It is booked.\n3. You can see it online.",
    "I could not find the {subject} for {order}. Could you check the number on your receipt?",
)
FAILURES = (
    "I could not look up order {order}. Please try again later.",
    "Something went wrong while I worked on the {subject}.",
)
STATES = ("paid", "packed", "sent", "delivered", "returned")
ERRORS = (
    "Rate limit reached for requests. Try again in 20s.",
    "The model's server did not answer within 60 seconds.",
    "Tool look_up failed: connection refused.",
    "This request is longer than the model's context of 128000 tokens.",
)
